// Sniffs with the transport of Elastic's client for Go, then writes documents; prints where the
// client was led to, and what became of it.
package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
)

func main() {
	address, err := url.Parse(os.Args[1])
	if err != nil {
		fail(err)
	}
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fail(err)
	}
	client, err := elastictransport.New(elastictransport.Config{URLs: []*url.URL{address}})
	if err != nil {
		fail(err)
	}
	if err := client.DiscoverNodes(); err != nil {
		fmt.Println("not discovered:", strings.SplitN(err.Error(), "\n", 2)[0])
	}
	for number := range count {
		body := strings.NewReader(`{"number":1}`)
		target := fmt.Sprintf("/go/_doc/%d", number)
		request, err := http.NewRequest(http.MethodPut, target, body)
		if err != nil {
			fail(err)
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := client.Perform(request)
		if err != nil {
			fail(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusCreated {
			fail(fmt.Errorf("status %d", response.StatusCode))
		}
	}
	urls := client.URLs()
	nodes := make([]string, 0, len(urls))
	for _, node := range urls {
		nodes = append(nodes, node.String())
	}
	slices.Sort(nodes)
	fmt.Println("written", strings.Join(nodes, " "))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
