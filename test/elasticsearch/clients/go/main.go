// The scenario of facts-scenario.ts with the official client for Go.
//
// Usage: facts URL DOCUMENTS SCROLLED PAGE_SIZE
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v9"
	"github.com/elastic/go-elasticsearch/v9/esapi"
)

const (
	small = "facts-documents"
	large = "facts-large"
)

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: facts URL DOCUMENTS SCROLLED PAGE_SIZE")
	}
	documents, err := strconv.Atoi(os.Args[2])
	check(err)
	pageSize, err := strconv.Atoi(os.Args[4])
	check(err)
	client, err := elasticsearch.NewClient(elasticsearch.Config{
		Addresses:    []string{os.Args[1]},
		DisableRetry: true,
	})
	check(err)
	var operations bytes.Buffer
	for at := range documents {
		fmt.Fprintf(&operations, `{"create":{"_index":%q,"_id":"d-%d"}}`+"\n", small, at)
		fmt.Fprintf(&operations, `{"n":%d,"text":"document %d"}`+"\n", at, at)
	}
	read(client.Bulk(&operations, client.Bulk.WithRefresh("true")))
	read(client.Search(client.Search.WithIndex(small), client.Search.WithSize(50),
		client.Search.WithBody(strings.NewReader(`{"sort":[{"n":"asc"}]}`))))
	for _, id := range []string{"d-1", "d-2"} {
		read(client.Get(small, id))
	}
	missing, err := client.Get(small, "none")
	check(err)
	check(missing.Body.Close())
	read(client.Mget(strings.NewReader(`{"ids":["d-3","d-4","d-5","none"]}`),
		client.Mget.WithIndex(small)))
	for _, id := range []string{"d-6", "d-7"} {
		read(client.Update(small, id, strings.NewReader(`{"doc":{"changed":true}}`)))
	}
	for _, id := range []string{"d-8", "d-9", "d-11"} {
		read(client.Delete(small, id, client.Delete.WithRefresh("true")))
	}
	page := pageOf(client.Search(client.Search.WithIndex(large), client.Search.WithSize(pageSize),
		client.Search.WithScroll(time.Minute),
		client.Search.WithBody(strings.NewReader(`{"sort":["_doc"]}`))))
	for len(page.Hits.Hits) > 0 {
		page = pageOf(client.Scroll(client.Scroll.WithScrollID(page.ScrollID),
			client.Scroll.WithScroll(time.Minute)))
	}
	read(client.ClearScroll(client.ClearScroll.WithScrollID(page.ScrollID)))
}

type page struct {
	ScrollID string `json:"_scroll_id"`
	Hits     struct {
		Hits []struct {
			ID string `json:"_id"`
		} `json:"hits"`
	} `json:"hits"`
}

func pageOf(response *esapi.Response, err error) page {
	var found page
	check(json.Unmarshal(read(response, err), &found))
	return found
}

func read(response *esapi.Response, err error) []byte {
	check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	check(err)
	if response.IsError() {
		log.Fatalf("status %d: %.300s", response.StatusCode, body)
	}
	return body
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
