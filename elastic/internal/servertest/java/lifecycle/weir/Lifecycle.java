package weir;

import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.*;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.plugins.*;
import org.elasticsearch.rest.*;
import org.elasticsearch.xcontent.*;
import org.elasticsearch.xpack.core.ilm.*;

/**
 * The calls about lifecycle policies, whose module is not published: policies are read by the server's own classes, which refuse what is wrong,
 * and kept until the server ends. Nothing acts on them.
 */
public final class Lifecycle extends Plugin implements ActionPlugin {
    private final Map<String, LifecyclePolicy> policies = new ConcurrentHashMap<>();

    private static final NamedXContentRegistry NAMES = new NamedXContentRegistry(List.of(
        new NamedXContentRegistry.Entry(LifecycleType.class, new ParseField(TimeseriesLifecycleType.TYPE), p -> TimeseriesLifecycleType.INSTANCE),
        new NamedXContentRegistry.Entry(LifecycleAction.class, new ParseField(RolloverAction.NAME), RolloverAction::parse),
        new NamedXContentRegistry.Entry(LifecycleAction.class, new ParseField(DeleteAction.NAME), DeleteAction::parse)));

    @Override public List<Setting<?>> getSettings() {
        return List.of(LifecycleSettings.LIFECYCLE_NAME_SETTING, RolloverAction.LIFECYCLE_ROLLOVER_ALIAS_SETTING);
    }

    @Override public Collection<RestHandler> getRestHandlers(Settings s, NamedWriteableRegistry registry, RestController controller, ClusterSettings cs,
            IndexScopedSettings is, SettingsFilter filter, IndexNameExpressionResolver resolver, Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> features) {
        return List.of(new Call("policy_put", this::put, "PUT /_ilm/policy/{name}"), new Call("policy_get", this::get, "GET /_ilm/policy/{name}"));
    }

    private void put(RestRequest request, NodeClient client, RestChannel channel) throws Exception {
        XContentParserConfiguration config = XContentParserConfiguration.EMPTY.withRegistry(NAMES);
        try (XContentParser parser = XContentType.JSON.xContent().createParser(config, request.content().streamInput())) {
            String name = request.param("name");
            parser.nextToken(); // {
            parser.nextToken(); // "policy"
            policies.put(name, LifecyclePolicy.parse(parser, name));
            Call.answer(channel, RestStatus.OK, Map.of("acknowledged", true));
        } catch (IllegalArgumentException e) {
            Call.fail(channel, RestStatus.BAD_REQUEST, "parsing_exception", String.valueOf(e.getMessage()));
        }
    }

    private void get(RestRequest request, NodeClient client, RestChannel channel) throws Exception {
        String name = request.param("name");
        LifecyclePolicy policy = policies.get(name);
        if (policy == null) {
            Call.fail(channel, RestStatus.NOT_FOUND, "resource_not_found_exception", "Lifecycle policy not found: " + name);
            return;
        }
        try (XContentBuilder b = channel.newBuilder()) {
            b.startObject().startObject(name).field("version", 1).field("policy");
            policy.toXContent(b, ToXContent.EMPTY_PARAMS);
            b.endObject().endObject();
            channel.sendResponse(new RestResponse(RestStatus.OK, b));
        }
    }
}
