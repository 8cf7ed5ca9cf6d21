"""The Bokeh peer of `bench live`: a Bokeh server whose page shows everybody as canvas circles."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path

from bokeh.application import Application
from bokeh.application.handlers import FunctionHandler
from bokeh.document import Document
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.plotting import figure
from bokeh.server.server import Server

from bench.live_crowd import EAST, NORTH, SOUTH, TICK_S, WEST, Crowd

PAGE = "{% block postamble %}<script>{{ watch }}</script>{% endblock %}"
WATCH = (Path(__file__).parent / "bokeh_assets" / "repainted.js").read_text(encoding="utf-8")


def serve_bokeh(port: int, count: int) -> None:
    """Both columns anew every half second to each session, as Bokeh's streaming examples write it."""
    crowd = Crowd(count)
    open_pages: dict[Document, ColumnDataSource] = {}

    def page(document: Document) -> None:
        source = ColumnDataSource(columns())
        plot = figure(x_range=(WEST, EAST), y_range=(SOUTH, NORTH), sizing_mode="stretch_both")
        plot.scatter("x", "y", size=8, source=source)
        plot.add_tools(HoverTool())
        document.add_root(plot)
        document.template, document.template_variables["watch"] = PAGE, WATCH
        open_pages[document] = source
        document.on_session_destroyed(lambda _: open_pages.pop(document, None))

    def columns() -> dict[str, list[float]]:
        return {"x": crowd.lon.tolist(), "y": crowd.lat.tolist()}

    def tell(source: ColumnDataSource, stamp: float, data: dict[str, list[float]]) -> None:
        source.name = str(stamp)  # arrives first; the columns behind it are what is painted
        source.data = data

    def walk() -> None:
        due = time.monotonic()
        while True:
            due += TICK_S
            time.sleep(max(0.0, due - time.monotonic()))
            crowd.step()
            stamp, data = time.time() * 1000, columns()
            for document, source in [*open_pages.items()]:
                document.add_next_tick_callback(partial(tell, source, stamp, data))

    threading.Thread(target=walk, daemon=True).start()
    application = Application(FunctionHandler(page))
    server = Server({"/": application}, port=port, address="127.0.0.1", allow_websocket_origin=["*"])
    server.start()
    server.io_loop.start()
