package weir;

import java.util.*;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.elasticsearch.Build;
import org.elasticsearch.action.admin.indices.create.AutoCreateAction;
import org.elasticsearch.action.admin.indices.create.CreateIndexRequest;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateUpdateTask;
import org.elasticsearch.cluster.metadata.*;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.common.settings.*;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.Index;
import org.elasticsearch.plugins.*;
import org.elasticsearch.rest.*;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.elasticsearch.xcontent.XContentParser;

/** The calls that belong to modules which are not published: GET / and those of data streams, which the server's own code then does. */
public final class Rest extends Plugin implements ActionPlugin {
    private ClusterService cluster;
    private Settings settings;

    @Override public Collection<?> createComponents(PluginServices services) {
        cluster = services.clusterService();
        settings = services.environment().settings();
        return List.of();
    }

    @Override public Collection<RestHandler> getRestHandlers(Settings s, NamedWriteableRegistry registry, RestController controller, ClusterSettings cs,
            IndexScopedSettings is, SettingsFilter filter, IndexNameExpressionResolver resolver, Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> features) {
        return List.of(
            new Call("root", this::root, "GET /", "HEAD /"),
            new Call("data_stream_create", this::create, "PUT /_data_stream/{name}"),
            new Call("data_stream_get", this::get, "GET /_data_stream", "GET /_data_stream/{name}"),
            new Call("data_stream_lifecycle", this::lifecycle, "PUT /_data_stream/{name}/_lifecycle"),
            new Call("data_stream_delete", this::delete, "DELETE /_data_stream/{name}"));
    }

    private void root(RestRequest request, NodeClient client, RestChannel channel) throws Exception {
        Build b = Build.current();
        Map<String, Object> version = new LinkedHashMap<>();
        version.put("number", b.version());
        version.put("build_flavor", b.flavor());
        version.put("build_type", b.type().displayName());
        version.put("build_hash", b.hash());
        version.put("lucene_version", org.apache.lucene.util.Version.LATEST.toString());
        version.put("minimum_wire_compatibility_version", b.minWireCompatVersion());
        version.put("minimum_index_compatibility_version", b.minIndexCompatVersion());
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("name", cluster.localNode().getName());
        m.put("cluster_name", cluster.getClusterName().value());
        m.put("cluster_uuid", cluster.state().metadata().clusterUUID());
        m.put("version", version);
        m.put("tagline", "You Know, for Search");
        Call.answer(channel, RestStatus.OK, m);
    }

    private void create(RestRequest request, NodeClient client, RestChannel channel) throws Exception {
        String name = request.param("name");
        if (cluster.state().metadata().dataStreams().containsKey(name)) {
            Call.fail(channel, RestStatus.BAD_REQUEST, "resource_already_exists_exception", "data_stream [" + name + "] already exists");
            return;
        }
        client.execute(AutoCreateAction.INSTANCE, new CreateIndexRequest(name), new RestToXContentListener<>(channel));
    }

    private void get(RestRequest request, NodeClient client, RestChannel channel) throws Exception {
        String pattern = request.param("name", "*");
        ClusterState state = cluster.state();
        List<Object> found = new ArrayList<>();
        for (DataStream d : state.metadata().dataStreams().values()) {
            if (Regex.simpleMatch(pattern.split(","), d.getName())) found.add(stream(state, d));
        }
        if (found.isEmpty() && !pattern.contains("*")) {
            Call.fail(channel, RestStatus.NOT_FOUND, "index_not_found_exception", "no such index [" + pattern + "]");
            return;
        }
        Call.answer(channel, RestStatus.OK, Map.of("data_streams", found));
    }

    private static Map<String, Object> stream(ClusterState state, DataStream d) {
        List<Object> indices = new ArrayList<>();
        d.getIndices().forEach(i -> indices.add(Map.of("index_name", i.getName(), "index_uuid", i.getUUID())));
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("name", d.getName());
        m.put("timestamp_field", Map.of("name", "@timestamp"));
        m.put("indices", indices);
        m.put("generation", d.getGeneration());
        m.put("status", "GREEN");
        m.put("template", MetadataIndexTemplateService.findV2Template(state.metadata(), d.getName(), false));
        if (d.getDataLifecycle() != null) {
            Map<String, Object> lifecycle = new LinkedHashMap<>();
            lifecycle.put("enabled", d.getDataLifecycle().enabled());
            if (d.getDataLifecycle().dataRetention() != null) lifecycle.put("data_retention", d.getDataLifecycle().dataRetention().getStringRep());
            m.put("lifecycle", lifecycle);
        }
        m.put("hidden", d.isHidden());
        m.put("system", d.isSystem());
        return m;
    }

    private void lifecycle(RestRequest request, NodeClient client, RestChannel channel) throws Exception {
        DataStreamLifecycle lifecycle;
        try (XContentParser parser = request.contentParser()) {
            lifecycle = DataStreamLifecycle.dataLifecycleFromXContent(parser);
        }
        String[] patterns = request.param("name").split(",");
        change(channel, state -> {
            Metadata.Builder metadata = Metadata.builder(state.metadata());
            for (DataStream d : state.metadata().dataStreams().values()) {
                if (Regex.simpleMatch(patterns, d.getName())) metadata.put(d.copy().setLifecycle(lifecycle).build());
            }
            return ClusterState.builder(state).metadata(metadata).build();
        });
    }

    private void delete(RestRequest request, NodeClient client, RestChannel channel) {
        String[] patterns = request.param("name").split(",");
        change(channel, state -> {
            Metadata.Builder metadata = Metadata.builder(state.metadata());
            Set<Index> indices = new HashSet<>();
            for (DataStream d : state.metadata().dataStreams().values()) {
                if (!Regex.simpleMatch(patterns, d.getName())) continue;
                metadata.removeDataStream(d.getName());
                indices.addAll(d.getIndices());
            }
            return MetadataDeleteIndexService.deleteIndices(ClusterState.builder(state).metadata(metadata).build(), indices, settings);
        });
    }

    /** Changes the state of the cluster and then answers. */
    private void change(RestChannel channel, UnaryOperator<ClusterState> how) {
        cluster.submitUnbatchedStateUpdateTask("weir-change", new ClusterStateUpdateTask() {
            @Override public ClusterState execute(ClusterState state) { return how.apply(state); }

            @Override public void clusterStateProcessed(ClusterState before, ClusterState after) {
                try {
                    Call.answer(channel, RestStatus.OK, Map.of("acknowledged", true));
                } catch (Exception e) {
                    onFailure(e);
                }
            }

            @Override public void onFailure(Exception e) { Call.fail(channel, e); }
        });
    }
}
