import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.KeyStoreWrapper;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginBundle;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Runs one Elasticsearch node from the server's own libraries, for tests.
 *
 * Arguments are settings, {@code name=value}; {@code path.home} is needed. Prints {@code listening on http://HOST:PORT}
 * on standard output once requests are served. Ends on SIGTERM and when standard input ends, so that the node never
 * outlives the process that started it.
 */
public final class RealNode {
  private RealNode() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> settings = new HashMap<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      settings.put(arg.substring(0, equals), arg.substring(equals + 1));
    }
    LogConfigurator.registerErrorListener();
    LogConfigurator.configureESLogging();
    LogConfigurator.configureWithoutConfig(Settings.EMPTY);
    Path config = Path.of(settings.get("path.home"), "config");
    Environment environment =
        InternalSettingsPreparer.prepareEnvironment(secureSettings(), settings, config, () -> "real-node");
    // Modules are loaded as in a distribution; the server itself is on the class path, not a named Java module,
    // so it has no exports to hand to them (last argument).
    PluginsLoader plugins =
        PluginsLoader.createPluginsLoader(
            modules(Path.of(settings.get("path.home"), "modules")), Set.of(), Map.of(), false);
    Node node = new Node(environment, plugins);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.start();
    var address = node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress();
    System.out.println("listening on http://" + address.getAddress() + ":" + address.getPort());
    while (System.in.read() >= 0) {}
    System.exit(0);
  }

  /** The password of the user {@code elastic}, where the environment has one ({@code ELASTIC_PASSWORD}). */
  private static Settings secureSettings() {
    String password = System.getenv("ELASTIC_PASSWORD");
    if (password == null) return Settings.EMPTY;
    KeyStoreWrapper keystore = KeyStoreWrapper.create();
    keystore.setString("bootstrap.password", password.toCharArray());
    return Settings.builder().setSecureSettings(keystore).build();
  }

  /** {@code loadModulesBundles} has one parameter in version 8 and two in version 9. */
  @SuppressWarnings("unchecked")
  private static Set<PluginBundle> modules(Path folder) throws ReflectiveOperationException {
    for (Method method : PluginsLoader.class.getMethods()) {
      if (method.getName().equals("loadModulesBundles") == false) continue;
      Object[] arguments = {folder, true};
      return (Set<PluginBundle>) method.invoke(null, Arrays.copyOf(arguments, method.getParameterCount()));
    }
    throw new NoSuchMethodException("PluginsLoader.loadModulesBundles");
  }

  private static void close(Node node) {
    try {
      node.close();
    } catch (Exception error) {
      error.printStackTrace();
    }
  }
}
