"""How fast, how light and how punctual the package is, each against what else one could use.

``python -m benchmarks [--size SHARE] [NAME ...]`` runs the questions named, or all of them. Each
compares in one run, turn about, and reports medians of ratios within a round: what else the
machine does then touches both sides alike.
"""
