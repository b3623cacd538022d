"""Draw the picture of README's first screen from a finished run.

python tools/readme_picture.py RUN_DIR > docs/images/arena.svg
"""

import sys
from html import escape

from negotiate.arena import Results

LEFT, WIDTH, ROW, TOP = 165, 415, 26, 62


def main() -> None:
    """Print the SVG."""
    results = Results(sys.argv[1])
    board = results.standings
    rows = [row for row in board.standings if row.mean_utility is not None]
    ends = [end for row in rows for end in (row.low, row.high) if end is not None]
    low, high = int(min(ends) * 10) / 10, int(max(ends) * 10 + 1) / 10

    def x(utility: float) -> float:
        return LEFT + (utility - low) / (high - low) * WIDTH

    height = TOP + ROW * len(rows) + 40
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}" width="760" '
        f'font-family="system-ui, sans-serif" font-size="13" role="img">',
        f"<title>Mean utility of {len(rows)} strategies with 95 % intervals</title>",
        f'<rect width="760" height="{height}" rx="8" fill="#ffffff" stroke="#d5dbe1"/>',
        f'<text x="20" y="28" font-size="15" font-weight="600" fill="#1b2631">'
        f"{len(results):,} negotiations of {len(rows)} strategies on {len(results.scenarios)} scenarios</text>",
        '<text x="20" y="47" fill="#5b6875">mean utility over both seats, '
        "95 % interval over scenarios</text>",
    ]
    tick = low
    while tick <= high + 1e-9:
        out.append(
            f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP}" y2="{height - 34}" stroke="#e6eaee"/>'
            f'<text x="{x(tick):.1f}" y="{height - 16}" text-anchor="middle" fill="#5b6875">{tick:.1f}</text>'
        )
        tick += 0.1
    for place, row in enumerate(rows):
        y = TOP + ROW * place + ROW / 2
        mean, start, end = row.mean_utility or 0.0, row.low or 0.0, row.high or 0.0
        out.append(
            f'<text x="{LEFT - 14}" y="{y + 4:.1f}" text-anchor="end" fill="#1b2631">{escape(row.strategy)}</text>'
            f'<line x1="{x(start):.1f}" x2="{x(end):.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="#6aa5d8" '
            f'stroke-width="3" stroke-linecap="round"/>'
            f'<circle cx="{x(mean):.1f}" cy="{y:.1f}" r="5" fill="#0b5fa5"/>'
            f'<text x="{LEFT + WIDTH + 18}" y="{y + 4:.1f}" fill="#1b2631">{mean:.3f}'
            f'<tspan fill="#5b6875">  {start:.3f} to {end:.3f}</tspan></text>'
        )
    print("\n".join([*out, "</svg>"]))


if __name__ == "__main__":
    main()
