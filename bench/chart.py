"""The figures of bench/compare as a picture: one panel a suite, bars with the spread of the rounds."""
import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

OWN, PEER, BASE, INK, FAINT = "#2563eb", "#a8b3c2", "#64748b", "#1f2937", "#6b7280"


WIDTH, ROW, TITLE, TOP, BOTTOM = 8.6, 0.235, 0.42, 0.42, 0.34  # inches


def draw(about, rows, suites, path):
    matplotlib.rcParams.update({"font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 9,
                                "text.color": INK, "ytick.labelcolor": INK, "svg.hashsalt": "spate"})
    panels = [(suite, [row for row in rows if row["suite"] == suite.name]) for suite in suites]
    panels = [(suite, mine) for suite, mine in panels if mine]
    height = TOP + BOTTOM + sum(TITLE + ROW * len(mine) for _, mine in panels)
    figure = pyplot.figure(figsize=(WIDTH, height))
    edge = height - TOP
    for suite, mine in panels:
        edge -= TITLE + ROW * len(mine)
        panel(figure.add_axes((0.27, edge / height, 0.57, ROW * len(mine) / height)), suite, mine)
    top, bottom = 1 - 0.25 / height, 0.16 / height
    figure.text(0.02, top, "Million packets a second", weight="bold", size=11, va="center")
    small = {"size": 8, "color": FAINT, "ha": "right", "va": "center"}
    figure.text(0.98, top, f"{about['cpu']}, {about['cpus']} CPUs, DPDK {about['dpdk']}", **small)
    figure.text(0.98, bottom, "medians; lines from the slowest round to the fastest; × the dark grey bar", **small)
    figure.savefig(path, facecolor="white", metadata={"Date": None} if path.suffix == ".svg" else None, dpi=110)
    pyplot.close(figure)


def panel(axis, suite, rows):
    places = range(len(rows))
    rates = [row["median_pps"] / 1e6 for row in rows]
    spread = [[rate - row["min_pps"] / 1e6 for rate, row in zip(rates, rows)],
              [row["max_pps"] / 1e6 - rate for rate, row in zip(rates, rows)]]
    colours = [OWN if row["case"].startswith("spate") else BASE if row["case"] == suite.base else PEER for row in rows]
    axis.barh(places, rates, color=colours, height=0.74, xerr=spread,
              error_kw={"ecolor": INK, "elinewidth": 0.9, "capsize": 2, "capthick": 0.9})
    axis.set_yticks(places, [row["case"] for row in rows])
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_xlim(0, max(row["max_pps"] for row in rows) / 1e6 * 1.02)
    for place, row, rate in zip(places, rows, rates):
        look = {"xycoords": ("axes fraction", "data"), "va": "center", "ha": "right", "annotation_clip": False,
                "weight": "bold" if row["case"].startswith("spate") else "normal"}
        axis.annotate(f"{rate:.{1 if rate >= 10 else 2}f}", (1.105, place), **look)
        if row["ratio"] and row["case"] != suite.base:
            axis.annotate(f"{row['ratio']:.2f} ×", (1.235, place), **look)
    axis.set_title(suite.about, loc="left", size=9, color=FAINT, pad=3)
    axis.tick_params(left=False, bottom=False, labelbottom=False)
    for side in ("top", "right", "bottom"):
        axis.spines[side].set_visible(False)
    axis.spines["left"].set_color("#d1d5db")
