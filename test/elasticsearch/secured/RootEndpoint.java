package esproxy.test;

import java.io.IOException;
import java.util.List;
import org.elasticsearch.Build;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.TransportAction;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.index.IndexVersion;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.rest.action.RestBuilderListener;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.transport.TransportService;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * {@code GET /} and {@code HEAD /}, which the published libraries lack. It is an action of its own,
 * {@code cluster:monitor/main}, so that security checks it as in a complete server.
 */
final class RootEndpoint extends BaseRestHandler {
  static final ActionType<Answer> ACTION = new ActionType<>("cluster:monitor/main");

  @Override
  public List<Route> routes() {
    return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
  }

  @Override
  public String getName() {
    return "main_action";
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
    if (request.hasParam("pretty") == false) request.params().put("pretty", "true");
    return channel ->
        client.execute(
            ACTION,
            new Question(),
            new RestBuilderListener<Answer>(channel) {
              @Override
              public RestResponse buildResponse(Answer answer, XContentBuilder builder)
                  throws IOException {
                answer.toXContent(builder, request);
                return new RestResponse(RestStatus.OK, builder);
              }
            });
  }

  /** No content. */
  static final class Question extends ActionRequest {
    @Override
    public ActionRequestValidationException validate() {
      return null;
    }
  }

  /** What this node says of itself. */
  static final class Answer extends ActionResponse implements ToXContentObject {
    private final String name;
    private final String cluster;
    private final String uuid;

    Answer(String name, String cluster, String uuid) {
      this.name = name;
      this.cluster = cluster;
      this.uuid = uuid;
    }

    @Override
    public void writeTo(StreamOutput out) {
      throw new UnsupportedOperationException("one node");
    }

    @Override
    public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
      Build build = Build.current();
      builder.startObject();
      builder.field("name", name).field("cluster_name", cluster).field("cluster_uuid", uuid);
      builder.startObject("version");
      builder.field("number", build.qualifiedVersion());
      builder.field("build_flavor", "default").field("build_type", build.type().displayName());
      builder.field("build_hash", build.hash()).field("build_date", build.date());
      builder.field("build_snapshot", build.isSnapshot());
      builder.field("lucene_version", IndexVersion.current().luceneVersion().toString());
      builder.field("minimum_wire_compatibility_version", build.minWireCompatVersion());
      builder.field("minimum_index_compatibility_version", build.minIndexCompatVersion());
      builder.endObject();
      return builder.field("tagline", "You Know, for Search").endObject();
    }
  }

  /** Runs the action. */
  public static final class Runner extends TransportAction<Question, Answer> {
    private final ClusterService clusters;

    @Inject
    public Runner(ActionFilters filters, TransportService transport, ClusterService clusters) {
      super(ACTION.name(), filters, transport.getTaskManager(), EsExecutors.DIRECT_EXECUTOR_SERVICE);
      this.clusters = clusters;
    }

    @Override
    protected void doExecute(Task task, Question request, ActionListener<Answer> listener) {
      var state = clusters.state();
      listener.onResponse(
          new Answer(
              clusters.getNodeName(),
              clusters.getClusterName().value(),
              state.metadata().clusterUUID()));
    }
  }
}
