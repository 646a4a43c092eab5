package weir;

import java.nio.file.*;
import java.util.*;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.opensearch.Version;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/** Runs one node of OpenSearch 3 with the usual modules, which are on the class path, until it is told to end. */
public final class OpenSearch extends Node {
    private OpenSearch(Environment environment, Collection<PluginInfo> modules) {
        super(environment, modules, true);
    }

    private static final String[] MODULES = {
        "transport.Netty4Plugin", "analysis.common.CommonAnalysisPlugin", "search.aggregations.matrix.MatrixAggregationPlugin",
        "geo.GeoModulePlugin", "painless.PainlessPlugin", "script.expression.ExpressionPlugin", "script.mustache.MustachePlugin",
        "ingest.common.IngestCommonPlugin", "ingest.useragent.IngestUserAgentPlugin", "index.mapper.MapperExtrasPlugin",
        "index.reindex.ReindexPlugin", "join.ParentJoinPlugin", "percolator.PercolatorPlugin", "index.rankeval.RankEvalPlugin",
    };

    public static void main(String[] args) throws Exception {
        Path home = Paths.get(args[0]).toAbsolutePath();
        Path config = home.resolve("config");
        Settings settings = Settings.builder().loadFromPath(config.resolve("opensearch.yml")).put("path.home", home.toString()).build();
        Environment environment = new Environment(settings, config);
        LogConfigurator.setNodeName(settings.get("node.name"));
        LogConfigurator.configure(environment);
        List<PluginInfo> modules = new ArrayList<>();
        for (String name : MODULES) modules.add(module("org.opensearch." + name));
        Node node = new OpenSearch(environment, modules);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        System.out.println("READY");
        Parent.watch(home);
        new CountDownLatch(1).await();
    }

    private static PluginInfo module(String name) {
        String found = name;
        try {
            Class.forName(name);
        } catch (ClassNotFoundException e) {
            found = name.replace("Plugin", "ModulePlugin");
        }
        return new PluginInfo(found, "module", "NA", Version.CURRENT, "11", found, null, List.of(), false);
    }

    private static void close(Node node) {
        try {
            node.close();
            node.awaitClose(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            e.printStackTrace();
        }
    }
}
