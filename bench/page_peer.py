"""The default Dash page of `bench page`: the same libraries, nothing tuned: `python -m bench.page_peer PORT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import dash_ag_grid as dag
import dash_leaflet as dl
import dash_mantine_components as dmc
import plotly.graph_objects as go
import uvicorn
from dash import Dash, dcc, html

TOWN = Path(__file__).parent.parent / "geo" / "towns" / "demo"


def page() -> Dash:
    """Mantine shell, a Leaflet map with 65 polygons in its props, 100 rows of ag-grid, one Plotly bar chart."""
    app = Dash(__name__, backend="fastapi")
    polygons = json.loads((TOWN / "l2.geojson").read_text(encoding="utf-8"))
    rows = [{"case": f"20261121-{n:06d}", "title": "楼上噪声", "stage": "处置中"} for n in range(100)]
    app.layout = dmc.MantineProvider(
        html.Div(
            [
                dmc.Button("刷新"),
                dl.Map(
                    dl.GeoJSON(data=polygons),
                    center=[29.28, 118.63],
                    zoom=12,
                    style={"height": "60vh"},
                ),
                dag.AgGrid(rowData=rows, columnDefs=[{"field": name} for name in rows[0]]),
                dcc.Graph(figure=go.Figure(go.Bar(x=list(range(24)), y=[n % 7 for n in range(24)]))),
            ]
        )
    )
    return app


if __name__ == "__main__":
    uvicorn.run(page().server, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
