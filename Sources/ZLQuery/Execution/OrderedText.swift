import Synchronization
import ZLColumnar

extension Executor {
    /// Turns the rows of a plan into text on all threads and writes it in the rows' order.
    ///
    /// `format` appends a chunk's text and runs on any thread; `write` gets texts one at a time, from any thread.
    func runWritingText(
        _ plan: LogicalPlan, flushSize: Int, format: @escaping @Sendable (DataChunk, ByteBuffer) -> Void,
        write: (ByteBuffer, _ rowCount: Int) throws(ZLError) -> Void
    ) throws(ZLError) {
        do {
            let context = context
            let source = try PhysicalPlanner.plan(plan).open(context)
            try withoutActuallyEscaping(write) { write in
                let order = OrderedText(write)
                let pieces = Executor.pieces(of: source)
                try WorkerPool.shared.forEach(count: pieces.count, threads: context.threads) { number in
                    var text = order.buffer()
                    var rowCount = 0
                    try source.run(morsel: pieces[number].morsel, parts: pieces[number].parts) { batch in
                        try context.cancellation.check()
                        format(batch.chunk, text)
                        rowCount += batch.chunk.rowCount
                        guard text.count >= flushSize, order.isTurn(of: number) else { return }
                        text = try order.write(text, rowCount)
                        rowCount = 0
                    }
                    try order.finish(number, text, rowCount)
                }
            }
        } catch let error as ZLError {
            throw error
        } catch {
            throw ZLError(.internal, "unexpected_error", "an operator failed with \(error)")
        }
    }

    /// Parts of a morsel that are turned into text together: few, so that text which waits for its turn stays in the cache.
    private static let partsTogether = 2

    private static func pieces(of source: any BatchSource) -> [(morsel: Int, parts: Range<Int>)] {
        (0..<source.morselCount).flatMap { morsel in
            let count = source.partCount(morsel: morsel)
            return stride(from: 0, to: count, by: partsTogether).map { (morsel, $0..<min(count, $0 + partsTogether)) }
        }
    }
}

/// Numbered texts on their way into one file: the next one is written as it comes, others wait for their turn.
private final class OrderedText: @unchecked Sendable {  // proof: `put` and `waiting` are used under `lock` only
    private let lock = Mutex(())
    private let next = Atomic<Int>(0)
    private var waiting: [Int: (text: ByteBuffer, rowCount: Int)] = [:]
    private var spare: [ByteBuffer] = []
    private let put: (ByteBuffer, Int) throws(ZLError) -> Void

    init(_ put: @escaping (ByteBuffer, Int) throws(ZLError) -> Void) { self.put = put }

    /// An empty buffer.
    func buffer() -> ByteBuffer { lock.withLock { _ in spare.popLast() } ?? ByteBuffer(capacity: 1 << 20) }

    func isTurn(of number: Int) -> Bool { next.load(ordering: .acquiring) == number }

    /// Writes the first part of the next text; the buffer for the rest.
    func write(_ text: ByteBuffer, _ rowCount: Int) throws -> ByteBuffer {
        try lock.withLock { _ in try put(text, rowCount) }
        text.removeAll()
        return text
    }

    /// Writes the last part of a text, or lays it by, and all that waited for it.
    func finish(_ number: Int, _ text: ByteBuffer, _ rowCount: Int) throws {
        try lock.withLock { _ in
            waiting[number] = (text, rowCount)
            while let (text, rowCount) = waiting.removeValue(forKey: next.load(ordering: .relaxed)) {
                try put(text, rowCount)
                text.removeAll()
                spare.append(text)
                next.wrappingAdd(1, ordering: .releasing)
            }
        }
    }
}
