package import Contract

/// What a container's command line and image tell about a Java virtual machine inside.
package struct JVMOptions: Sendable, Hashable {
    /// Largest heap in bytes, from the last `-Xmx`, which is the one that counts.
    package let maximumHeap: Int64?

    private static let images = ["openjdk", "temurin", "corretto", "zulu", "jdk", "jre", "tomcat", "java"]

    /// Nothing when nothing points to one.
    package init?(_ container: Container) {
        let words = container.commandLine.flatMap { $0.split { $0 == " " || $0 == "\t" || $0 == "\n" } }
        let heap = words.compactMap(Self.heap).last
        let isJava = words.contains { word in
            word == "java" || word.hasSuffix("/java") || word.hasPrefix("-XX:") || word.hasPrefix("-Xm")
        }
        guard heap != nil || isJava || Self.isJavaImage(container.image) else { return nil }
        maximumHeap = heap
    }

    /// `-Xmx512m`, `-Xmx2g`, `-Xmx1073741824`.
    private static func heap(_ word: Substring) -> Int64? {
        guard let start = word.range(of: "-Xmx") else { return nil }
        let rest = word[start...].dropFirst(4)
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number > 0 else { return nil }
        let shift: Int64 =
            switch rest.dropFirst(digits.count).first {
            case "k", "K": 1 << 10
            case "m", "M": 1 << 20
            case "g", "G": 1 << 30
            case "t", "T": 1 << 40
            default: 1
            }
        return number.multipliedClamped(by: shift)
    }

    /// Whole words of the image's path, so that `javascript-app` is none.
    private static func isJavaImage(_ image: String) -> Bool {
        let words = image.lowercased().split { !($0.isLetter) }
        return words.contains { images.contains(String($0)) }
    }
}

extension Substring {
    /// Where the text begins, after an optional `NAME=`.
    fileprivate func range(of text: String) -> Index? {
        if hasPrefix(text) { return startIndex }
        guard let equals = firstIndex(of: "=") else { return nil }
        let after = index(after: equals)
        return self[after...].hasPrefix(text) ? after : nil
    }
}
