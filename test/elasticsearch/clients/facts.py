"""The scenario of facts-scenario.ts with the official client for Python.

Usage: facts.py URL DOCUMENTS SCROLLED PAGE_SIZE
"""

import sys

from elasticsearch import Elasticsearch, NotFoundError

SMALL, LARGE = "facts-documents", "facts-large"


def main(url: str, documents: int, page_size: int) -> None:
    client = Elasticsearch(url, max_retries=0, request_timeout=120)
    operations: list[dict] = []
    for at in range(documents):
        operations.append({"create": {"_index": SMALL, "_id": f"d-{at}"}})
        operations.append({"n": at, "text": f"document {at}"})
    client.bulk(operations=operations, refresh=True)
    client.search(index=SMALL, size=50, sort=[{"n": "asc"}])
    for at in (1, 2):
        client.get(index=SMALL, id=f"d-{at}")
    try:
        client.get(index=SMALL, id="none")
    except NotFoundError:
        pass
    client.mget(index=SMALL, ids=["d-3", "d-4", "d-5", "none"])
    for at in (6, 7):
        client.update(index=SMALL, id=f"d-{at}", doc={"changed": True})
    for at in (8, 9, 11):
        client.delete(index=SMALL, id=f"d-{at}", refresh=True)
    page = client.search(index=LARGE, scroll="1m", size=page_size, sort=["_doc"])
    while page["hits"]["hits"]:
        page = client.scroll(scroll_id=page["_scroll_id"], scroll="1m")
    client.clear_scroll(scroll_id=page["_scroll_id"])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[4]))
