"""Options of every command that asks a network."""

import argparse


def add_computing_options(parser: argparse.ArgumentParser) -> None:
    """Declare where a network is asked, and in how much memory."""
    parser.add_argument(
        "--memory", default="2G", help="for passes through the network, such as 800M (default 2G)"
    )
    parser.add_argument(
        "--device",
        choices=["auto", "cpu", "cuda"],
        default="auto",
        help="auto takes a GPU where there is one",
    )
