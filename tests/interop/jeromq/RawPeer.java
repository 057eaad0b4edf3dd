// JeroMQ's sockets, driven by a script on standard input: one command a line, one line of answer. Bytes are
// hexadecimal, "-" when there are none.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

public class RawPeer {
    private static final Map<String, ZMQ.Socket> sockets = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        try (ZContext context = new ZContext()) {
            System.out.println("ready");
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String answer;
                try {
                    answer = answer(context, line.split(" "));
                } catch (RuntimeException failure) {
                    answer = "error " + failure;
                }
                System.out.println(answer);
                System.out.flush();
            }
        }
    }

    private static String answer(ZContext context, String[] words) {
        if (words[0].equals("new")) {
            ZMQ.Socket made = context.createSocket(SocketType.valueOf(words[2]));
            made.setReceiveTimeOut(20000);
            made.setSendTimeOut(20000);
            made.setLinger(0);
            sockets.put(words[1], made);
            return "ok";
        }
        ZMQ.Socket socket = sockets.get(words[1]);
        switch (words[0]) {
            case "bind":
                return socket.bind(words[2]) ? "ok" : "error";
            case "connect":
                return socket.connect(words[2]) ? "ok" : "error";
            case "subscribe":
                return socket.subscribe(bytes(words[2])) ? "ok" : "error";
            case "send":
                for (int i = 2; i < words.length; i++) {
                    if (!socket.send(bytes(words[i]), i + 1 < words.length ? ZMQ.SNDMORE : 0)) {
                        return "error " + socket.errno();
                    }
                }
                return "ok";
            case "recv": {
                List<String> frames = new ArrayList<>();
                do {
                    byte[] frame = socket.recv();
                    if (frame == null) {
                        return "error " + socket.errno();
                    }
                    frames.add(hex(frame));
                } while (socket.hasReceiveMore());
                return "ok " + String.join(",", frames);
            }
            default:
                return "error unknown command";
        }
    }

    private static String hex(byte[] data) {
        if (data.length == 0) {
            return "-";
        }
        StringBuilder text = new StringBuilder();
        for (byte each : data) {
            text.append(String.format("%02x", each));
        }
        return text.toString();
    }

    private static byte[] bytes(String text) {
        if (text.equals("-")) {
            return new byte[0];
        }
        byte[] data = new byte[text.length() / 2];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) Integer.parseInt(text.substring(2 * i, 2 * i + 2), 16);
        }
        return data;
    }
}
