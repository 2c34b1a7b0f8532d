"""Plots of figures as SVG: ratios as bars to both sides of 1 on a logarithmic axis, other values as bars of their unit."""

import math
from html import escape

from results import kind_of_kafka, ratio_of

WIDTH, MARGIN, ROW, BAR = 800, 16, 26, 14
AXIS_END, VALUES_BEGIN = 636, 650
LONG_LABEL = 30  # letters; longer ones are small and get more room
TEXT, FAINT, GRID, BETTER, WORSE, PLAIN = "#1f2328", "#59636e", "#d1d9e0", "#2f7f5f", "#c4703a", "#3b6ea5"
LEAST_SPREAD = 2.0  # the axis of ratios goes at least from its inverse to it, so that 1 % does not look like much


class Panel:
    """Bars with one axis; what it draws begins at `top`. One row for each label."""

    def __init__(self, caption: str, top: float, labels: list[str]):
        longest = max(map(len, labels))
        self._labels, self._size = labels, 12 if longest <= LONG_LABEL else 10
        self.axis_begin = max(248.0, 26 + longest * 6.2)
        self._rows_begin = top + 28
        self.rows_end = self._rows_begin + len(labels) * ROW
        self.parts = [text(MARGIN, top + 12, caption, FAINT, size=12)]

    def line(self, x: float, color: str, label: str, width: float = 1) -> None:
        self.parts.append(f'<line x1="{x:.1f}" y1="{self._rows_begin - 2:.1f}" x2="{x:.1f}" y2="{self.rows_end + 2:.1f}" '
                          f'stroke="{color}" stroke-width="{width:g}"/>')
        self.parts.append(text(x, self.rows_end + 16, label, FAINT, anchor="middle", size=11))

    def bar(self, row: int, begin: float, end: float, color: str, value: str) -> None:
        y = self._middle(row)
        self.parts += [text(self.axis_begin - 10, y + 4, self._labels[row], TEXT, anchor="end", size=self._size),
                       f'<rect x="{min(begin, end):.1f}" y="{y - BAR / 2:.1f}" width="{max(abs(end - begin), 1):.1f}" height="{BAR}" '
                       f'fill="{color}"/>', text(VALUES_BEGIN, y + 4, value, TEXT)]

    def whisker(self, row: int, begin: float, end: float) -> None:
        y = self._middle(row)
        self.parts.append(f'<path d="M{begin:.1f} {y - 4:.1f}v8M{begin:.1f} {y:.1f}H{end:.1f}M{end:.1f} {y - 4:.1f}v8" '
                          f'stroke="{TEXT}" stroke-width="1.5" fill="none"/>')

    def _middle(self, row: int) -> float:
        return self._rows_begin + (row + 0.5) * ROW


def plot(title: str, figures: list[dict]) -> str:
    top, parts = 46.0, []
    for panel in panels(figures, top):
        parts += panel.parts
        top = panel.rows_end + 34
    label = f"{title}: {what(figures)}"
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top:.0f}" width="{WIDTH}" height="{top:.0f}" role="img" '
            f'aria-label="{escape(label)}" font-family="system-ui, -apple-system, \'Segoe UI\', sans-serif">')
    background = f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{top - 1:.0f}" rx="10" fill="#ffffff" stroke="{GRID}"/>'
    return "\n".join([head, f"<title>{escape(label)}</title>", background, text(MARGIN, 28, title, TEXT, size=16, weight=600),
                      *parts, "</svg>"]) + "\n"


def what(figures: list[dict]) -> str:
    """What the plot says, for those who do not see it."""
    compared = [figure for figure in figures if ratio_of(figure)]
    said = [f"{figure['bench']} {short(ratio_of(figure)[0])} of the reference" for figure in compared]
    said += [f"{figure['bench']} {short(figure['ours'])} {figure.get('unit', '')}".rstrip() for figure in figures
             if figure not in compared]
    return "; ".join(said)


def panels(figures: list[dict], top: float):
    compared = [figure for figure in figures if ratio_of(figure)]
    if compared:
        panel = ratios(compared, top)
        top = panel.rows_end + 34
        yield panel
    single = [figure for figure in figures if not ratio_of(figure)]
    for unit in dict.fromkeys(figure.get("unit", "") for figure in single):
        panel = values([figure for figure in single if figure.get("unit", "") == unit], unit, top)
        top = panel.rows_end + 34
        yield panel


def ratios(figures: list[dict], top: float) -> Panel:
    panel = Panel("Ratio to the reference (right of 1 is better), median with lowest and highest, logarithmic", top,
                  [name(figure, figures) for figure in figures])
    found = [ratio_of(figure) for figure in figures]
    least = min(1 / LEAST_SPREAD, *(max(ratio[1], 1e-6) for ratio in found))
    most = max(LEAST_SPREAD, *(ratio[2] for ratio in found))

    def x(ratio: float) -> float:
        share = math.log(max(ratio, least) / least) / math.log(most / least)
        return panel.axis_begin + share * (AXIS_END - panel.axis_begin)

    for tick in ticks(least, most):
        panel.line(x(tick), GRID, f"{tick:g}")
    for row, (middle, lowest, highest) in enumerate(found):
        spread = f" ({short(lowest)} to {short(highest)})" if lowest != highest else ""
        panel.bar(row, x(1), x(middle), BETTER if middle >= 1 else WORSE, short(middle) + spread)
        panel.whisker(row, x(lowest), x(highest))
    panel.line(x(1), TEXT, "1", 1.5)
    return panel


def ticks(least: float, most: float) -> list[float]:
    """1, 2, 5, 10 … and their inverses, or powers of ten only if these would be too many; 1 is drawn apart."""
    steps = (1, 2, 5) if most / least <= 500 else (1,)
    all_ticks = [step * 10.0 ** power for power in range(-9, 10) for step in steps]
    return [tick for tick in all_ticks if least * 0.999 <= tick <= most * 1.001 and tick != 1]


def values(figures: list[dict], unit: str, top: float) -> Panel:
    panel = Panel(f"In {unit}" if unit else "Values", top, [name(figure, figures) for figure in figures])
    highest = max(0.0, *(figure["ours"] for figure in figures))
    lowest = min(0.0, *(figure["ours"] for figure in figures))
    scale = (AXIS_END - panel.axis_begin) / ((highest - lowest) or 1)
    zero = panel.axis_begin - lowest * scale
    for row, figure in enumerate(figures):
        panel.bar(row, zero, zero + figure["ours"] * scale, PLAIN, f"{short(figure['ours'])} {unit}".rstrip())
    panel.line(zero, TEXT, "0", 1.5)
    return panel


def name(figure: dict, beside: list[dict]) -> str:
    """With the kind of Kafka where the same figure stands there for another one."""
    twice = sum(other["bench"] == figure["bench"] for other in beside) > 1
    return figure["bench"] + (f" ({kind_of_kafka(figure).partition(',')[0].removesuffix(' cluster')})" if twice else "")


def short(value: float) -> str:
    size = abs(value)
    if size >= 10:
        return f"{value:,.0f}" if size >= 100 else f"{value:.1f}"
    return f"{value:.2f}" if size >= 1 else f"{value:.3f}" if size >= 0.1 else f"{value:.2g}"


def text(x: float, y: float, content: str, color: str, anchor: str = "start", size: int = 12, weight: int = 400) -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}" font-size="{size}" font-weight="{weight}" '
            f'text-anchor="{anchor}">{escape(content)}</text>')
