package weir;

import java.io.IOException;
import java.nio.file.*;
import java.util.stream.Stream;

/** Ends the server when the test binary that holds the other end of its standard input is gone, and removes the server's home. */
final class Parent {
    private Parent() {}

    static void watch(Path home) {
        Thread t = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { }
            } catch (IOException e) {
                // as good as the end
            }
            remove(home);
            Runtime.getRuntime().halt(0);
        }, "parent");
        t.setDaemon(true);
        t.start();
    }

    private static void remove(Path home) {
        // What the running server writes meanwhile makes a second round necessary, and may make it fail: then a temporary folder is left.
        for (int round = 0; round < 3 && Files.exists(home); round++) {
            try (Stream<Path> all = Files.walk(home)) {
                all.sorted((a, b) -> b.compareTo(a)).forEach(p -> p.toFile().delete());
            } catch (IOException | java.io.UncheckedIOException e) {
                // next round
            }
        }
    }
}
