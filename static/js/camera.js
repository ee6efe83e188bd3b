// camera.js: [data-camera] opens the camera and puts the code it sees into the form; the browser's own reader where it has one.
(() => {
  const button = document.querySelector("[data-camera]");
  if (!button) return;
  const box = document.querySelector("[data-camera-box]");
  const video = box.querySelector("video");
  const form = document.querySelector("[data-scan]");
  const FORMATS = ["qr_code", "code_128", "code_39", "ean_13"];
  let stream = null;

  async function reader() {
    const known = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats() : [];
    if (known.includes("qr_code")) {
      const own = new BarcodeDetector({ formats: FORMATS.filter((each) => known.includes(each)) });
      return async () => (await own.detect(video))[0]?.rawValue;
    }
    if (!window.jsQR) {
      await new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = button.dataset.decoder;
        script.onload = done;
        script.onerror = failed;
        document.head.append(script);
      });
    }
    const canvas = document.createElement("canvas");
    const drawn = canvas.getContext("2d", { willReadFrequently: true });
    return async () => {
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
      drawn.drawImage(video, 0, 0);
      const seen = drawn.getImageData(0, 0, canvas.width, canvas.height);
      return jsQR(seen.data, seen.width, seen.height)?.data;
    };
  }
  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    box.hidden = true;
    button.hidden = false;
  }
  async function look(read) {
    if (!stream) return;
    const code = video.videoWidth ? await read().catch(() => "") : "";
    if (!code) { setTimeout(look, 200, read); return; }
    stop();
    form.elements.code.value = code;
    form.requestSubmit();
  }

  button.addEventListener("click", async () => {
    const failed = document.querySelector("[data-camera-failed]");
    failed.hidden = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      box.hidden = false;
      button.hidden = true;
      video.srcObject = stream;
      await video.play();
      look(await reader());
    } catch {
      stop();
      failed.hidden = false;
    }
  });
  box.querySelector("[data-camera-stop]").addEventListener("click", stop);
  addEventListener("pagehide", stop);
})();
