"""The benchmarks: each row runs beside its floor and is told as a ratio of medians."""
