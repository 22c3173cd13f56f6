"""The reference of the webhooks' benchmark: a Flask view that commits one row and does nothing else, on the same server."""

from __future__ import annotations

import os
import sys

from flask import Flask, Response, request
from sqlalchemy import Integer, String, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core import settings
from core.database import Database
from scripts.lib import web_server

PATH = "/bare"


class _Base(DeclarativeBase):
    pass


class _Row(_Base):
    __tablename__ = "bare"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    body: Mapped[str] = mapped_column(String)


def create_app() -> Flask:
    """The application."""
    app = Flask("bare")
    database = Database(settings.load().database)

    @app.post(PATH)
    def view() -> Response:
        with database.write() as session:
            session.execute(insert(_Row).values(body=request.form["Body"]))
        return Response("<Response/>", mimetype="text/xml")

    return app


class _Web(web_server.Web):
    def load(self) -> Flask:
        return create_app()


def main() -> None:
    """Serve on the socket with the descriptor argv[1], as the supervisor's part does."""
    database = Database(settings.load().database)
    _Base.metadata.create_all(database.engine)
    database.close()
    print("ready", flush=True)
    _Web(f"fd://{sys.argv[1]}").run()


if __name__ == "__main__":
    os.setpgid(0, 0)
    main()
