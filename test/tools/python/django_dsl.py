"""django-elasticsearch-dsl against a node: python django_dsl.py URL."""

import sys

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django_elasticsearch_dsl"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    ELASTICSEARCH_DSL={"default": {"hosts": sys.argv[1]}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402
from django_elasticsearch_dsl import Document, fields  # noqa: E402
from django_elasticsearch_dsl.registries import registry  # noqa: E402


class Car(models.Model):
    """A car, kept in the database and found in the index."""

    name = models.CharField(max_length=30)
    color = models.CharField(max_length=30)

    class Meta:
        app_label = "cars"


@registry.register_document
class CarDocument(Document):
    """How cars are indexed."""

    color = fields.KeywordField()

    class Index:
        name = "cars"
        settings = {"number_of_shards": 1, "number_of_replicas": 0}

    class Django:
        model = Car
        fields = ["name"]


with connection.schema_editor() as editor:
    editor.create_model(Car)
Car.objects.bulk_create(Car(name=f"car {n}", color="red" if n % 2 else "blue") for n in range(20))
call_command("search_index", "--rebuild", "-f", verbosity=0)
CarDocument._index.refresh()
assert CarDocument.search().filter("term", color="red").count() == 10
car = Car.objects.create(name="the last one", color="green")
CarDocument._index.refresh()
assert [hit.name for hit in CarDocument.search().query("match", name="last")] == ["the last one"]
car.color = "black"
car.save()
CarDocument._index.refresh()
assert CarDocument.search().filter("term", color="black").to_queryset().get() == car
car.delete()
CarDocument._index.refresh()
search = CarDocument.search()
search.aggs.bucket("colors", "terms", field="color").metric("names", "cardinality", field="color")
assert {b.key: b.doc_count for b in search.execute().aggregations.colors.buckets} == {
    "red": 10, "blue": 10,
}
print("fine")
