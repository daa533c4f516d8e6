"""Options that several commands share."""

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


def add_set_option(parser: argparse.ArgumentParser) -> None:
    """Declare how parameters of methods are set."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="METHOD.NAME=VALUE",
        help="a parameter of a method, such as sag.width=5; may be given again. An unknown name is "
        "answered by those there are",
    )
