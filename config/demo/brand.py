"""What the demo's brand is made of: stores, people, goods and what is said in chats."""

from dataclasses import dataclass

NAME = "晴川衣著"
PASSWORD = "demo"  # noqa: S105  (printed on the demo's first screen)
ACCOUNT_SLUG = "main"
CHANNEL_SECRET = "demo-channel-secret"  # noqa: S105
BOT_USER_ID = "Udecade00000000000000000000000001"
BASIC_ID = "@sunstream"


@dataclass(frozen=True)
class DemoStore:
    """A store, its share of the sales and how it does against its target (%)."""

    code: str
    name: str
    name_en: str
    region: str
    city: str
    address: str
    weight: int
    attainment: int


REGIONS = {"北區": "North", "中區": "Central", "南區": "South"}
STORES = (
    DemoStore("ZS", "台北中山", "Taipei Zhongshan", "北區", "台北市",
              "台北市中山區南京西路 25 巷 12 號", 22, 92),
    DemoStore("XY", "台北信義", "Taipei Xinyi", "北區", "台北市",
              "台北市信義區松壽路 18 號 2 樓", 19, 84),
    DemoStore("GY", "台中公益", "Taichung Gongyi", "中區", "台中市",
              "台中市西區公益路 161 號", 15, 88),
    DemoStore("MS", "高雄美術館", "Kaohsiung Museum", "南區", "高雄市",
              "高雄市鼓山區美術東二路 77 號", 13, 71),
    DemoStore("ZB", "新竹竹北", "Hsinchu Zhubei", "北區", "新竹縣",
              "新竹縣竹北市光明六路東一段 90 號", 11, 79),
    DemoStore("BQ", "板橋", "Banqiao", "北區", "新北市",
              "新北市板橋區新站路 28 號 1 樓", 9, 58),
    DemoStore("YW", "桃園藝文", "Taoyuan Arts", "北區", "桃園市",
              "桃園市桃園區中正路 1088 號", 6, 76),
    DemoStore("ZX", "台南中西", "Tainan West Central", "南區", "台南市",
              "台南市中西區民生路一段 132 號", 5, 74),
)  # fmt: skip


@dataclass(frozen=True)
class DemoStaff:
    """Somebody with a name of their own in the story."""

    code: str
    name: str
    name_en: str
    role: str
    store: str = ""
    greeting: str = ""


HQ = (
    DemoStaff("hq", "許雅筑", "Hsu Ya-Chu", "admin"),
    DemoStaff("marketing", "江品睿", "Chiang Pin-Jui", "marketing"),
    DemoStaff("service", "邱詩涵", "Chiu Shih-Han", "service"),
    DemoStaff("finance", "何俊宏", "Ho Chun-Hung", "finance"),
)
CAST = (
    DemoStaff("zs01", "周曼寧", "Chou Man-Ning", "manager", "ZS",
              "想試穿先跟我說，幫您留好"),
    DemoStaff("lin", "林怡君", "Lin Yi-Chun", "salesperson", "ZS",
              "尺寸、庫存、搭配都可以直接問我"),
    DemoStaff("tsai", "蔡承恩", "Tsai Cheng-En", "salesperson", "ZS",
              "男裝搭配、改長度都可以找我"),
    DemoStaff("xy01", "羅靜怡", "Lo Ching-Yi", "manager", "XY", "有任何問題都歡迎問"),
    DemoStaff("wu", "吳佩珊", "Wu Pei-Shan", "salesperson", "XY",
              "上班族穿搭交給我"),
    DemoStaff("gy01", "賴宥廷", "Lai You-Ting", "manager", "GY", "台中門市為您服務"),
    DemoStaff("chang", "張家瑋", "Chang Chia-Wei", "salesperson", "GY",
              "外套跟針織是我的強項"),
    DemoStaff("ms01", "洪千惠", "Hung Chien-Hui", "manager", "MS", "高雄門市歡迎您"),
    DemoStaff("zb01", "范文傑", "Fan Wen-Chieh", "manager", "ZB", "竹北門市為您服務"),
    DemoStaff("huang", "黃子芸", "Huang Tzu-Yun", "salesperson", "ZB",
              "小個子穿搭問我最快"),
    DemoStaff("bq01", "簡士傑", "Chien Shih-Chieh", "manager", "BQ",
              "板橋門市為您服務"),
    DemoStaff("chen", "陳柏翰", "Chen Po-Han", "salesperson", "BQ",
              "週末都在，歡迎來試穿"),
    DemoStaff("yw01", "呂佳蓉", "Lu Chia-Jung", "manager", "YW", "桃園門市為您服務"),
    DemoStaff("zx01", "蘇柏宇", "Su Po-Yu", "manager", "ZX", "台南門市為您服務"),
)  # fmt: skip
STAFF_IN_STORES = 36

# The customers of 林怡君 whose names the screens tell of.
REGULARS = (
    "陳思妤", "李佳穎", "蘇映蓉", "周品妍", "張庭瑄", "吳若安", "許芷晴",
    "王郁婷", "蕭雨彤",
)  # fmt: skip

CATEGORIES = {
    "coat": ("外套", "Coats"),
    "knit": ("針織", "Knitwear"),
    "shirt": ("襯衫", "Shirts"),
    "dress": ("洋裝", "Dresses"),
    "trouser": ("褲裝", "Trousers"),
    "bag": ("包款", "Bags"),
}


@dataclass(frozen=True)
class DemoProduct:
    """A thing for sale; its art is its category's."""

    code: str
    category: str
    name: str
    name_en: str
    price: int
    hue: int
    colors: tuple[str, ...]
    description: str


SIZES = {
    "coat": ("S", "M", "L"),
    "knit": ("S", "M", "L"),
    "shirt": ("S", "M", "L"),
    "dress": ("S", "M", "L"),
    "trouser": ("25", "27", "29"),
    "bag": ("F",),
}
PRODUCTS = (
    DemoProduct("wool-long-coat", "coat", "羊毛混紡長大衣", "Wool-blend long coat",
                4280, 60, ("駝", "炭灰"), "七成羊毛，落肩剪裁，內裡滑順好穿脫。"),
    DemoProduct("trench", "coat", "雙排釦風衣", "Double-breasted trench", 3680, 85,
                ("卡其", "深藍"), "防潑水斜紋棉，附可拆腰帶。"),
    DemoProduct("quilted", "coat", "輕羽絨短外套", "Light down jacket", 2980, 200,
                ("霧藍", "黑"), "三百公克輕量，可收納成小包。"),
    DemoProduct("boucle-jacket", "coat", "毛圈短版外套", "Bouclé short jacket", 3280,
                10, ("米白", "粉"), "短版比例，配高腰褲剛好。"),
    DemoProduct("merino-crew", "knit", "美麗諾圓領針織", "Merino crew-neck", 1580, 85,
                ("米白", "墨綠", "炭灰"), "細支美麗諾羊毛，貼身不刺。"),
    DemoProduct("cashmere-vneck", "knit", "喀什米爾 V 領", "Cashmere V-neck", 3480, 300,
                ("藕紫", "駝"), "百分之百喀什米爾，兩股織法。"),
    DemoProduct("cable-cardigan", "knit", "絞花開襟衫", "Cable cardigan", 1980, 60,
                ("燕麥", "咖啡"), "粗針絞花，口袋夠深。"),
    DemoProduct("rib-turtleneck", "knit", "羅紋高領上衣", "Rib turtleneck", 980, 150,
                ("白", "黑", "墨綠"), "有彈性的羅紋，適合打底。"),
    DemoProduct("linen-shirt", "shirt", "亞麻寬版襯衫", "Relaxed linen shirt", 1480,
                150, ("白", "鼠尾草綠"), "水洗亞麻，越穿越軟。"),
    DemoProduct("oxford", "shirt", "牛津紡襯衫", "Oxford shirt", 1280, 250,
                ("白", "淺藍"), "厚實牛津紡，免燙處理。"),
    DemoProduct("silk-blouse", "shirt", "真絲飄帶襯衫", "Silk bow blouse", 2680, 300,
                ("珍珠白", "藕紫"), "十六姆米真絲，飄帶可綁可放。"),
    DemoProduct("denim-shirt", "shirt", "水洗丹寧襯衫", "Washed denim shirt", 1380, 250,
                ("靛藍",), "四盎司輕丹寧，夏天也能穿。"),
    DemoProduct("knit-dress", "dress", "針織長洋裝", "Knit midi dress", 3280, 10,
                ("磚紅", "黑"), "直筒輪廓，不挑身形。"),
    DemoProduct("shirt-dress", "dress", "襯衫式洋裝", "Shirt dress", 2480, 200,
                ("霧藍", "卡其"), "附同色腰帶，全開襟。"),
    DemoProduct("floral-dress", "dress", "碎花雪紡洋裝", "Floral chiffon dress", 2280,
                300, ("紫花", "藍花"), "有內襯不透光，微傘狀裙襬。"),
    DemoProduct("pleated-dress", "dress", "壓褶無袖洋裝", "Pleated dress", 2680, 150,
                ("墨綠", "黑"), "細密壓褶，出差不用燙。"),
    DemoProduct("pleat-trouser", "trouser", "高腰打褶寬褲", "High-waist wide trousers",
                1880, 250, ("深藍", "炭灰"), "腰後鬆緊，垂墜感好。"),
    DemoProduct("linen-trouser", "trouser", "亞麻寬褲", "Linen wide trousers", 1880, 85,
                ("米", "橄欖"), "亞麻混棉，附抽繩。"),
    DemoProduct("straight-jeans", "trouser", "直筒丹寧褲", "Straight jeans", 1980, 250,
                ("深藍", "淺藍"), "十一盎司微彈丹寧。"),
    DemoProduct("cigarette-pants", "trouser", "九分煙管褲", "Cigarette trousers", 1680,
                10, ("黑", "酒紅"), "四面彈，坐整天也舒服。"),
    DemoProduct("tote", "bag", "帆布托特包", "Canvas tote", 980, 60, ("原色", "黑"),
                "十六盎司帆布，可放十五吋筆電。"),
    DemoProduct("leather-shoulder", "bag", "牛皮側背包", "Leather shoulder bag", 3980,
                10, ("酒紅", "黑"), "植鞣牛皮，會隨時間上色。"),
    DemoProduct("mini-crossbody", "bag", "迷你斜背包", "Mini crossbody", 1980, 200,
                ("霧藍", "奶油"), "放得下手機、卡夾與鑰匙。"),
    DemoProduct("woven-basket", "bag", "編織水桶包", "Woven bucket bag", 1680, 85,
                ("焦糖",), "手工編織，附束口內袋。"),
)  # fmt: skip

TAGS = ("上身 S", "上身 M", "上身 L", "下身 27", "駝色系", "怕刺", "週末到店",
        "上班穿搭", "送禮", "小個子")  # fmt: skip

# Who speaks (c customer, s salesperson) and what is said.
TALKS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("c", "請問這件有 M 號嗎？"), ("s", "有的，店裡還有兩件，要幫您留嗎？"),
     ("c", "好，麻煩留一件"), ("s", "留好了，寫您的名字，保留到明天打烊")),
    (("s", "上次您看的外套補貨了，跟您說一聲"), ("c", "謝謝！我週末過去試"),
     ("s", "好的，我週六週日都在")),
    (("c", "想問換尺寸要帶發票嗎？"), ("s", "不用，報手機就查得到，吊牌還在就可以換"),
     ("c", "太好了，謝謝")),
    (("c", "洗過會縮水嗎？"), ("s", "手洗或冷水洗衣袋都不會，別進烘衣機就好")),
    (("c", "可以寄到公司嗎？"), ("s", "可以，結帳的時候填公司地址就行，隔天到"),
     ("c", "好")),
)  # fmt: skip
WAITING = (
    ("陳思妤", 12, ("早安～我今天下午會到附近", "駝色 M 號中山店有貨嗎？")),
    ("李佳穎", 6, ("這件跟我上次買的可以搭嗎？",)),
    ("蘇映蓉", 1, ("你好，想問退換貨",)),
)
# The leads who write to HQ; beside them, minutes waited and what is asked.
LEADS = ("阿哲", "Vicky", "小安", "Ruby 陳", "咪咪", "Kevin", "芳")
UNBOUND = (
    (46, "請問台中有門市嗎？"),
    (38, "昨天下的訂單什麼時候出貨？"),
    (21, "想問會員怎麼升等"),
    (17, "有徵店員嗎？"),
    (9, "這款包包還會補貨嗎？"),
    (5, "請問可以刷卡分期嗎"),
    (2, "哈囉"),
)
