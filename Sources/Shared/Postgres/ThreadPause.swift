import Glibc

/// Sleeps on a thread that is ours to block.
enum ThreadPause {
    static func pause(milliseconds: Int32) { _ = poll(nil, 0, milliseconds) }
}
