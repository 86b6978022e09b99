"""The speed, memory and punctuality of the package, each beside the alternatives.

``python -m benchmarks [--size SHARE] [NAME ...]`` runs the questions named, or all of them. Each
compares in one run, turn about, and reports medians of ratios within a round: what else the
machine does then touches both sides alike.
"""
