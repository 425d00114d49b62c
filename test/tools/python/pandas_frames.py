"""eland, data frames over an index, against a node: python pandas_frames.py URL."""

import sys

import eland
import pandas
from elasticsearch import Elasticsearch

es = Elasticsearch(sys.argv[1])
frame = pandas.DataFrame(
    {"name": [f"n{n}" for n in range(50)], "size": range(50), "share": [n / 4 for n in range(50)]}
)
data = eland.pandas_to_eland(frame, es, "frames", es_if_exists="replace", es_refresh=True)
assert data.shape == (50, 3)
assert data["size"].sum() == sum(range(50))
assert data["size"].max() == 49
assert data[data["size"] > 40].shape == (9, 3)
assert data.head(3).to_pandas()["name"].tolist() == ["n0", "n1", "n2"]
assert abs(data["share"].mean() - frame["share"].mean()) < 1e-9
assert data["name"].nunique() == 50
described = data.describe()
assert described["size"]["count"] == 50
print("fine")
