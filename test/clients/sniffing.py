"""Sniffs with Elastic's client for Python, then writes documents; prints what became of it."""

import sys

from elasticsearch import Elasticsearch
from elastic_transport import SniffingError, TransportError

url, count = sys.argv[1], int(sys.argv[2])
try:
    client = Elasticsearch(url, sniff_on_start=True, sniff_timeout=10)
except (SniffingError, TransportError) as error:
    print(type(error).__name__)
    sys.exit(0)
for number in range(count):
    client.index(index="python", id=str(number), document={"number": number})
nodes = sorted(node.base_url for node in client.transport.node_pool.all())
print("written", *nodes)
