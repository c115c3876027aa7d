import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The command judge: a Decision for each line of JSON on standard input. */
public final class Judge {
    public static void main(String[] arguments) {
        if (arguments.length < 1) {
            System.err.println("usage: Judge MODULE [SETTINGS] < documents");
            System.exit(2);
        }
        try {
            judge(arguments);
        } catch (IOException | RuntimeException error) { // A trap is a RuntimeException.
            System.err.println("judge: " + error);
            System.exit(1);
        }
    }

    private static void judge(String[] arguments) throws IOException {
        Transom transom = new Transom(Transom.Code.of(Files.readAllBytes(Path.of(arguments[0]))));
        if (arguments.length > 1) {
            byte[] verdict = transom.call("configure", Files.readAllBytes(Path.of(arguments[1])));
            String text = new String(verdict, StandardCharsets.UTF_8);
            if (!text.startsWith("{\"valid\":true")) {
                throw new IllegalArgumentException("the settings are wrong: " + text);
            }
        }
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            byte[] answer = transom.call("evaluate", line.getBytes(StandardCharsets.UTF_8));
            out.println(new String(answer, StandardCharsets.UTF_8));
        }
        out.flush();
    }
}
