"""The Elasticsearch store of LangChain against a node: python langchain.py URL."""

import sys

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_elasticsearch import DenseVectorStrategy, ElasticsearchStore


class Lengths(Embeddings):
    """Texts as points: how long they are, and how many vowels they have."""

    def embed_query(self, text):
        return [float(len(text)), float(sum(text.count(vowel) for vowel in "aeiou")), 1.0]

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]


url = sys.argv[1]
store = ElasticsearchStore(
    index_name="notes",
    embedding=Lengths(),
    es_url=url,
    strategy=DenseVectorStrategy(),
)
documents = [
    Document(page_content="aeiou", metadata={"n": 1}),
    Document(page_content="bcdfg", metadata={"n": 2}),
    Document(page_content="a long text without an end", metadata={"n": 3}),
]
ids = store.add_documents(documents)
assert len(ids) == 3
best = store.similarity_search("ouiea", k=1)
assert best[0].page_content == "aeiou", best
filtered = store.similarity_search("ouiea", k=1, filter=[{"term": {"metadata.n": 2}}])
assert filtered[0].page_content == "bcdfg", filtered
scored = store.similarity_search_with_score("ouiea", k=3)
assert scored[0][1] >= scored[1][1] >= scored[2][1]
assert store.delete(ids=[ids[0]])
assert all(found.page_content != "aeiou" for found in store.similarity_search("ouiea", k=3))
hybrid = ElasticsearchStore(
    index_name="hybrid",
    embedding=Lengths(),
    es_url=url,
    strategy=DenseVectorStrategy(hybrid=True, rrf=True),
)
hybrid.add_texts(["red apple", "green pear", "blue plum"])
assert hybrid.similarity_search("pear", k=1)[0].page_content == "green pear"
print("fine")
