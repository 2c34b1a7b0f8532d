import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** JavaPartitions BOOTSTRAP TOPIC: sends a record for each key on stdin (Base64, one a line), prints its partition. */
public class JavaPartitions {
    public static void main(String[] arguments) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", arguments[0], "acks", "all");
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
             var keys = new Scanner(System.in, StandardCharsets.US_ASCII)) {
            while (keys.hasNextLine()) {
                byte[] key = Base64.getDecoder().decode(keys.nextLine());
                sent.add(producer.send(new ProducerRecord<>(arguments[1], key, new byte[0])));
            }
            for (var record : sent) {
                System.out.println(record.get().partition());
            }
        }
    }
}
