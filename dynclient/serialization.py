"""The former path of `dynclient.wire.serialization`, which users import."""

from dynclient.wire import cookie_text, escape_reserved, header_text, path_text, query_text, text

__all__ = ["cookie_text", "escape_reserved", "header_text", "path_text", "query_text", "text"]
