"""The README's tables of models, made from their cards, so that no figure in them is typed."""

from __future__ import annotations

from collections.abc import Sequence

from restore.zoo import Card

_MEASURED = {
    "denoise": (
        ("sigma 15", "sigma 15", "PSNR"),
        ("25", "sigma 25", "PSNR"),
        ("50", "sigma 50", "PSNR"),
        ("25 blind", "25 blind", "PSNR"),
        ("real noise", "pairs, blind", "PSNR"),
    ),
    "dewatermark": (
        ("logos", "logo", "PSNR"),
        ("RMSEw", "logo", "RMSEw"),
        ("F1", "logo", "F1"),
        ("in JPEG", "logo in JPEG", "PSNR"),
        ("text", "text", "PSNR"),
        ("dates", "date", "PSNR"),
        ("stamps", "stamp", "PSNR"),
        ("tiled", "tiled", "PSNR"),
        ("unmarked", "unmarked", "PSNR"),
        ("untouched", "unmarked", "untouched"),
    ),
    "colorize": (
        ("gain, dB", "automatic", "gain"),
        ("colourfulness", "automatic", "colourfulness"),
        ("CIEDE2000", "automatic", "CIEDE2000"),
        ("gain, 1 hint", "1 hint", "gain"),
        ("10 hints", "10 hints", "gain"),
        ("50 hints", "50 hints", "gain"),
    ),
}
"""Of each task: head of a column, case, metric."""


def models_table(task: str, cards: Sequence[Card]) -> str:
    """The models of a task as Markdown."""
    columns = _MEASURED.get(task, ())
    heads = ["model", "parameters", "GMAC/MP", *(head for head, _, _ in columns)]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for card in cards:
        if card.task != task:
            continue
        cases = card.metrics.get("cases", {})
        figures = [cases.get(case, {}).get(metric) for _, case, metric in columns]
        cells = [
            card.name,
            f"{card.parameters / 1e6:.2f} M",
            f"{card.gmac_per_megapixel:.0f}",
            *("-" if figure is None else f"{figure:.2f}" for figure in figures),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
