import Contract

/// What the kubelet says about an eviction.
///
/// `The node was low on resource: memory. Threshold quantity: 100Mi, available: 98Mi. Container web was using 512Mi,
/// request is 256Mi, has larger consumption of memory.`
struct OOMEviction {
    var container: String
    /// Bytes; nothing when the message does not tell.
    var used: Int64?

    static func isAboutMemory(_ message: String) -> Bool {
        // `memory` alone would also match a container of that name.
        let text = message.lowercased()
        return text.contains("low on resource: memory") || text.contains("memorypressure")
            || text.contains("memory pressure") || text.contains("consumption of memory")
            || text.contains("memory usage") || text.contains("[memorypressure]")
    }

    /// The containers that the message blames, or all of a pod that has but one.
    static func containers(_ message: String, of pod: Pod?) -> [OOMEviction] {
        let words = message.split { $0 == " " || $0 == "\n" }.map(String.init)
        var found: [OOMEviction] = []
        for (position, word) in words.enumerated() where word == "Container" && position + 4 < words.count {
            guard words[position + 2] == "was", words[position + 3] == "using" else { continue }
            var amount = words[position + 4]
            while let last = amount.last, last == "," || last == "." { amount.removeLast() }
            found.append(
                OOMEviction(container: words[position + 1], used: Quantity(amount).map { max(0, $0.units) })
            )
        }
        if found.isEmpty, let pod, pod.containers.count == 1 {
            return [OOMEviction(container: pod.containers[0].name, used: nil)]
        }
        return found.isEmpty ? [OOMEviction(container: "", used: nil)] : found
    }
}
