#!/usr/bin/env python3
"""Serves a directory on the socket that systemd passes (sd_listen_fds(3)), and says when it is ready (sd_notify(3))."""

import functools
import http.server
import os
import socket
import sys

if os.environ.get("LISTEN_PID") != str(os.getpid()):
    sys.exit("pages.py: no socket was passed to this process (LISTEN_PID)")

handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("", 0), handler, bind_and_activate=False)
server.socket.close()
server.socket = socket.socket(fileno=3)
server.server_name, server.server_port = server.socket.getsockname()[:2]

if address := os.environ.get("NOTIFY_SOCKET"):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(b"READY=1", "\0" + address[1:] if address[0] == "@" else address)
server.serve_forever()
