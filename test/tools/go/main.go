// Typed calls of the official Go client. Prints "fine" at the end. Argument: the URL.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"

	"github.com/elastic/go-elasticsearch/v9"
	"github.com/elastic/go-elasticsearch/v9/esutil"
	"github.com/elastic/go-elasticsearch/v9/typedapi/core/scroll"
	"github.com/elastic/go-elasticsearch/v9/typedapi/core/search"
	"github.com/elastic/go-elasticsearch/v9/typedapi/indices/create"
	"github.com/elastic/go-elasticsearch/v9/typedapi/types"
	"github.com/elastic/go-elasticsearch/v9/typedapi/types/enums/refresh"
	"github.com/elastic/go-elasticsearch/v9/typedapi/types/enums/sortorder"
)

const index = "books"

type book struct {
	Title string `json:"title"`
	Genre string `json:"genre"`
	Pages int    `json:"pages"`
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func expect(holds bool, what string) {
	if !holds {
		check(fmt.Errorf("not as expected: %s", what))
	}
}

func main() {
	ctx := context.Background()
	config := elasticsearch.Config{Addresses: []string{os.Args[1]}}
	client, err := elasticsearch.NewTypedClient(config)
	check(err)
	indices(ctx, client)
	documents(ctx, client)
	bulk(ctx, config)
	searches(ctx, client)
	cursors(ctx, client)
	cluster(ctx, client)
	fmt.Println("fine")
}

func indices(ctx context.Context, client *elasticsearch.TypedClient) {
	info, err := client.Info().Do(ctx)
	check(err)
	expect(info.Version.Int != "", "version")
	up, err := client.Ping().Do(ctx)
	check(err)
	expect(up, "ping")
	made, err := client.Indices.Create(index).Request(&create.Request{
		Mappings: &types.TypeMapping{Properties: map[string]types.Property{
			"title": types.NewTextProperty(),
			"genre": types.NewKeywordProperty(),
			"pages": types.NewIntegerNumberProperty(),
		}},
	}).Do(ctx)
	check(err)
	expect(made.Acknowledged, "create")
	there, err := client.Indices.Exists(index).Do(ctx)
	check(err)
	expect(there, "exists")
	mapping, err := client.Indices.GetMapping().Index(index).Do(ctx)
	check(err)
	_, isKeyword := mapping[index].Mappings.Properties["genre"].(*types.KeywordProperty)
	expect(isKeyword, "mapping")
}

func documents(ctx context.Context, client *elasticsearch.TypedClient) {
	written, err := client.Index(index).Id("1").Document(book{"Snow Crash", "novel", 470}).Do(ctx)
	check(err)
	expect(written.Result.String() == "created" && written.Version_ == 1, "index")
	got, err := client.Get(index, "1").Do(ctx)
	check(err)
	var source book
	check(json.Unmarshal(got.Source_, &source))
	expect(got.Found && source.Pages == 470, "get")
	updated, err := client.Update(index, "1").Doc(map[string]int{"pages": 471}).Do(ctx)
	check(err)
	expect(updated.Result.String() == "updated", "update")
	_, err = client.Create(index, "1").Document(book{}).Do(ctx)
	failure, isFailure := err.(*types.ElasticsearchError)
	expect(isFailure && failure.Status == 409, "conflict")
	_, err = client.Index(index).Id("gone").Document(book{}).Do(ctx)
	check(err)
	gone, err := client.Delete(index, "gone").Refresh(refresh.True).Do(ctx)
	check(err)
	expect(gone.Result.String() == "deleted", "delete")
}

func bulk(ctx context.Context, config elasticsearch.Config) {
	plain, err := elasticsearch.NewClient(config)
	check(err)
	indexer, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{
		Client: plain, Index: index, NumWorkers: 2, FlushBytes: 20_000, Refresh: "true",
	})
	check(err)
	var done atomic.Int64
	for i := 0; i < 900; i++ {
		body, err := json.Marshal(book{"title", "genre" + strconv.Itoa(i%5), i})
		check(err)
		check(indexer.Add(ctx, esutil.BulkIndexerItem{
			Action:     "index",
			DocumentID: "b" + strconv.Itoa(i),
			Body:       bytes.NewReader(body),
			OnSuccess: func(context.Context, esutil.BulkIndexerItem, esutil.BulkIndexerResponseItem) {
				done.Add(1)
			},
		}))
	}
	check(indexer.Close(ctx))
	expect(done.Load() == 900 && indexer.Stats().NumFailed == 0, "bulk indexer")
}

func searches(ctx context.Context, client *elasticsearch.TypedClient) {
	genre, pages := "genre", "pages"
	less := types.Float64(100)
	found, err := client.Search().Index(index).Request(&search.Request{
		Query: &types.Query{Range: map[string]types.RangeQuery{pages: types.NumberRangeQuery{Lt: &less}}},
		Sort:  []types.SortCombinations{types.SortOptions{SortOptions: map[string]types.FieldSort{pages: {Order: &sortorder.Desc}}}},
		Aggregations: map[string]types.Aggregations{
			"genres": {
				Terms:        &types.TermsAggregation{Field: &genre},
				Aggregations: map[string]types.Aggregations{"most": {Max: &types.MaxAggregation{Field: &pages}}},
			},
			"percent": {Percentiles: &types.PercentilesAggregation{Field: &pages}},
			"stats":   {ExtendedStats: &types.ExtendedStatsAggregation{Field: &pages}},
		},
	}).Do(ctx)
	check(err)
	expect(found.Hits.Total.Value == 100 && len(found.Hits.Hits) == 10, "hits")
	terms, isTerms := found.Aggregations["genres"].(*types.StringTermsAggregate)
	expect(isTerms, "terms")
	buckets, areBuckets := terms.Buckets.([]types.StringTermsBucket)
	expect(areBuckets && len(buckets) == 5 && buckets[0].DocCount == 20, "buckets")
	most, isMax := buckets[0].Aggregations["most"].(*types.MaxAggregate)
	expect(isMax && *most.Value == 95, "max")
	stats, areStats := found.Aggregations["stats"].(*types.ExtendedStatsAggregate)
	expect(areStats && stats.Count == 100, "stats")
	_, arePercentiles := found.Aggregations["percent"].(*types.TDigestPercentilesAggregate)
	expect(arePercentiles, "percentiles")
	count, err := client.Count().Index(index).Do(ctx)
	check(err)
	expect(count.Count == 901, "count")
}

func cursors(ctx context.Context, client *elasticsearch.TypedClient) {
	page, err := client.Search().Index(index).Scroll("1m").Size(400).Do(ctx)
	check(err)
	seen, id := len(page.Hits.Hits), *page.ScrollId_
	for {
		next, err := client.Scroll().Request(&scroll.Request{ScrollId: id, Scroll: "1m"}).Do(ctx)
		check(err)
		if len(next.Hits.Hits) == 0 {
			break
		}
		seen += len(next.Hits.Hits)
		id = *next.ScrollId_
	}
	expect(seen == 901, "scroll")
	_, err = client.ClearScroll().ScrollId(id).Do(ctx)
	check(err)
	point, err := client.OpenPointInTime(index).KeepAlive("1m").Do(ctx)
	check(err)
	some, err := client.Search().Pit(&types.PointInTimeReference{Id: point.Id}).Do(ctx)
	check(err)
	expect(len(some.Hits.Hits) == 10, "point in time")
	closed, err := client.ClosePointInTime().Id(point.Id).Do(ctx)
	check(err)
	expect(closed.Succeeded, "close")
}

func cluster(ctx context.Context, client *elasticsearch.TypedClient) {
	health, err := client.Cluster.Health().Do(ctx)
	check(err)
	expect(health.NumberOfNodes == 1, "health")
	_, err = client.Cluster.Stats().Do(ctx)
	check(err)
	nodes, err := client.Nodes.Stats().Do(ctx)
	check(err)
	for _, node := range nodes.Nodes {
		expect(*node.Jvm.Mem.HeapUsedInBytes > 0 && node.Jvm.Gc != nil, "nodes stats")
	}
	_, err = client.Nodes.Info().Do(ctx)
	check(err)
	stats, err := client.Indices.Stats().Index(index).Do(ctx)
	check(err)
	expect(stats.Indices[index].Primaries.Docs.Count == 901, "stats")
	rows, err := client.Cat.Indices().Do(ctx)
	check(err)
	expect(len(rows) == 1 && *rows[0].Index == index, "cat indices")
	shards, err := client.Cat.Shards().Do(ctx)
	check(err)
	expect(len(shards) > 0, "cat shards")
	gone, err := client.Indices.Delete(index).Do(ctx)
	check(err)
	expect(gone.Acknowledged, "delete")
}
