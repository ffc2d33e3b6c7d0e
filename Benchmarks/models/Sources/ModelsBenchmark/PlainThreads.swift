import Glibc
import Models

/// Threads that live as long as a batch.
enum PlainThreads {
    private struct Job {
        let part: @Sendable (Int) -> Void
        let index: Int
    }

    /// The caller's thread does the first part.
    static func split(_ parts: Int) -> RowSplit {
        RowSplit(parts: parts) { parts, part in
            var threads: [pthread_t] = []
            for index in 1..<parts {
                let job = UnsafeMutablePointer<Job>.allocate(capacity: 1)
                job.initialize(to: Job(part: part, index: index))
                var thread = pthread_t()
                let failure = pthread_create(
                    &thread,
                    nil,
                    { argument in
                        guard let argument else { return nil }
                        let job = argument.assumingMemoryBound(to: Job.self)
                        job.pointee.part(job.pointee.index)
                        job.deinitialize(count: 1)
                        job.deallocate()
                        return nil
                    },
                    job
                )
                if failure == 0 {
                    threads.append(thread)
                } else {
                    part(index)
                    job.deinitialize(count: 1)
                    job.deallocate()
                }
            }
            part(0)
            for thread in threads { pthread_join(thread, nil) }
        }
    }
}
