import Foundation
import Support

/// Programs that are started again when they end, as a supervisor would.
actor Crew {
    /// One post: the program that stands on it now, and how it is replaced.
    private struct Post {
        let program: String
        let arguments: [String]
        let environment: [String: String]
        let memoryMegabytes: Int?
        var process: ProgramProcess
        var isFrozen = false
        var starts = 1
    }

    private var posts: [Post] = []
    private var watch: Task<Void, Never>?
    /// The logs of those that ended.
    private(set) var oldLogs: [String] = []

    /// Runs `body` with the crew on its posts; ends all of them afterwards.
    static func with<Result>(_ body: (Crew) async throws -> Result) async throws -> Result {
        let crew = Crew()
        await crew.startWatch()
        do {
            let result = try await body(crew)
            await crew.end()
            return result
        } catch {
            for text in await crew.logs { print("--- \(text.suffix(3000))") }
            await crew.end()
            throw error
        }
    }

    private func startWatch() {
        watch = Task {
            while !Task.isCancelled {
                replaceEnded()
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private func replaceEnded() {
        for index in posts.indices where !posts[index].process.isRunning {
            let post = posts[index]
            // The last words are what tells why.
            oldLogs.append(String(post.process.log.suffix(2000)))
            if oldLogs.count > 20 { oldLogs.removeFirst() }
            guard
                let next = try? ProgramProcess(
                    post.program,
                    post.arguments,
                    environment: post.environment,
                    memoryMegabytes: post.memoryMegabytes
                )
            else { continue }
            posts[index].process = next
            posts[index].isFrozen = false
            posts[index].starts += 1
        }
    }

    private func end() {
        watch?.cancel()
        for post in posts {
            post.process.signal(SIGKILL)
        }
        posts = []
    }

    /// Puts a program on a post.
    ///
    /// - Returns: The number of the post.
    @discardableResult
    func add(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String],
        memoryMegabytes: Int? = nil
    ) throws -> Int {
        posts.append(
            Post(
                program: program,
                arguments: arguments,
                environment: environment,
                memoryMegabytes: memoryMegabytes,
                process: try ProgramProcess(
                    program,
                    arguments,
                    environment: environment,
                    memoryMegabytes: memoryMegabytes
                )
            )
        )
        return posts.count - 1
    }

    var count: Int { posts.count }

    func process(_ post: Int) -> ProgramProcess { posts[post].process }

    func program(_ post: Int) -> String { posts[post].program }

    /// How many programs have been started on all posts.
    var starts: Int { posts.reduce(0) { $0 + $1.starts } }

    /// The same, post by post.
    var startsByPost: [Int] { posts.map(\.starts) }

    /// What is written now, and what those that ended had written.
    var logs: [String] { oldLogs + posts.map(\.process.log) }

    func signal(_ post: Int, _ signal: Int32) {
        posts[post].process.signal(signal)
        if signal == SIGSTOP { posts[post].isFrozen = true }
        if signal == SIGCONT { posts[post].isFrozen = false }
    }

    /// Wakes whoever is frozen.
    func wakeAll() {
        for index in posts.indices where posts[index].isFrozen { signal(index, SIGCONT) }
    }
}
