package weir;

import java.util.*;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.rest.*;
import org.elasticsearch.xcontent.XContentBuilder;

/** A call of the server's REST interface. */
final class Call extends BaseRestHandler {
    /** What is done for a call. */
    interface Body {
        void run(RestRequest request, NodeClient client, RestChannel channel) throws Exception;
    }

    private final String name;
    private final Body body;
    private final List<Route> routes = new ArrayList<>();

    Call(String name, Body body, String... routes) {
        this.name = "weir_" + name;
        this.body = body;
        for (String r : routes) {
            String[] words = r.split(" ");
            this.routes.add(new Route(RestRequest.Method.valueOf(words[0]), words[1]));
        }
    }

    @Override public String getName() { return name; }

    @Override public List<Route> routes() { return routes; }

    @Override protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
        for (String p : List.copyOf(request.params().keySet())) request.param(p); // all are known
        if (request.hasContent()) request.content();
        return channel -> body.run(request, client, channel);
    }

    static void answer(RestChannel channel, RestStatus status, Map<String, Object> body) throws Exception {
        try (XContentBuilder b = channel.newBuilder()) {
            channel.sendResponse(new RestResponse(status, b.map(body)));
        }
    }

    static void fail(RestChannel channel, RestStatus status, String type, String reason) throws Exception {
        answer(channel, status, Map.of("error", Map.of("type", type, "reason", reason), "status", status.getStatus()));
    }

    static void fail(RestChannel channel, Exception cause) {
        try {
            channel.sendResponse(new RestResponse(channel, cause));
        } catch (Exception e) {
            throw new RuntimeException(e);
        }
    }
}
