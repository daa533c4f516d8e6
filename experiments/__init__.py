"""The shared vocabulary of Larus: protocols, allocation, manifests, export columns.

It imports only the standard library, pydantic and ruamel.yaml, so that a web host, a GPU machine
and an analyst's laptop can all read the same files with the same words.
"""
