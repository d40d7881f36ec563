"""The former path of `dynclient.network.adapter`, which users import."""

from dynclient.network import Adapter

__all__ = ["Adapter"]
