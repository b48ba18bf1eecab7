import Synchronization
import ZLColumnar

/// Gives morsels to tasks as they ask for them, so that what each task holds covers many morsels: which ones depends on timing.
struct SharedMorsels {
    private let source: any BatchSource
    private static let placeBits: UInt64 = 40

    init(_ source: any BatchSource) { self.source = source }

    /// Calls `body` with the task, a batch, and where the batch begins: a number that rises with the order of the source.
    func forEach(tasks: Int, _ context: ExecutionContext, _ body: @escaping @Sendable (Int, Batch, UInt64) throws -> Void) throws {
        let (source, progress) = (source, Progress())
        try WorkerPool.shared.forEach(count: tasks, threads: context.threads) { task in
            while let morsel = progress.next(of: source.morselCount) {
                do {
                    var rows: UInt64 = 0
                    try source.run(morsel: morsel) { batch in
                        try context.cancellation.check()
                        try body(task, batch, UInt64(morsel) << SharedMorsels.placeBits + rows)
                        rows += UInt64(batch.chunk.rowCount)
                    }
                } catch {
                    progress.fail(morsel, error)
                }
            }
        }
        try progress.rethrow()
    }

    /// Keeps the error of the lowest morsel that failed: all below it were given out before, and run to their end.
    private final class Progress: Sendable {
        private let given = Atomic<Int>(0)
        private let failure = Mutex<(morsel: Int, error: any Error)?>(nil)

        func next(of count: Int) -> Int? {
            guard failure.withLock({ $0 == nil }) else { return nil }
            let morsel = given.wrappingAdd(1, ordering: .relaxed).oldValue
            return morsel < count ? morsel : nil
        }

        func fail(_ morsel: Int, _ error: any Error) {
            failure.withLock { if $0.map({ morsel < $0.morsel }) ?? true { $0 = (morsel, error) } }
        }

        func rethrow() throws {
            if let error = failure.withLock({ $0?.error }) { throw error }
        }
    }
}
