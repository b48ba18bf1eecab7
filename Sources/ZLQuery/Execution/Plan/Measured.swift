import Synchronization
import ZLColumnar

/// An operator that counts its rows and its time while it runs, for EXPLAIN ANALYZE.
///
/// The time is that of all threads together, from the call of the operator to its return, without what its consumer does with the
/// rows meanwhile; `Measurement.own` takes the inputs' time off.
struct Measured: PhysicalOperator {
    let measured: any PhysicalOperator
    let measurement: Measurement

    init(measured: any PhysicalOperator, measurement: Measurement = Measurement()) {
        self.measured = measured
        self.measurement = measurement
    }

    var columns: [OutputColumn] { measured.columns }
    var children: [any PhysicalOperator] { measured.children }
    var title: String { measured.title }
    var isRereadable: Bool { measured.isRereadable }

    func giving(atLeast needed: Set<ColumnID>) -> any PhysicalOperator { measured.giving(atLeast: needed) }

    func stopping(at bar: KeyBar, of column: ColumnID) -> any PhysicalOperator {
        Measured(measured: measured.stopping(at: bar, of: column), measurement: measurement)
    }

    func keeping(_ filters: [KeyFilter]) -> any PhysicalOperator {
        Measured(measured: measured.keeping(filters), measurement: measurement)
    }

    func givingLongBatches() -> any PhysicalOperator { Measured(measured: measured.givingLongBatches(), measurement: measurement) }

    func wholeBounds(of column: ColumnID) -> ClosedRange<Int64>? { measured.wholeBounds(of: column) }

    func sharedTexts(of column: ColumnID, _ context: ExecutionContext) throws(ZLError) -> ColumnVector? {
        try measured.sharedTexts(of: column, context)
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let start = ContinuousClock.now
        defer { measurement.add(ContinuousClock.now - start) }
        return Source(child: try measured.open(context), measurement: measurement)
    }

    private struct Source: BatchSource {
        let child: any BatchSource
        let measurement: Measurement

        var morselCount: Int { child.morselCount }
        var rowLimit: Int? { child.rowLimit }

        func run(morsel: Int, emit: (Batch) throws -> Void) throws {
            try run(morsel: morsel, parts: 0..<partCount(morsel: morsel), emit: emit)
        }

        func partCount(morsel: Int) -> Int { child.partCount(morsel: morsel) }
        func firstPlace(morsel: Int) -> UInt64 { child.firstPlace(morsel: morsel) }
        func openRowCount(morsel: Int) throws -> Int? { try child.openRowCount(morsel: morsel) }

        func run(morsel: Int, parts: Range<Int>, emit: (Batch) throws -> Void) throws {
            let start = ContinuousClock.now
            var elsewhere = Duration.zero
            defer { measurement.add(ContinuousClock.now - start - elsewhere) }
            try child.run(morsel: morsel, parts: parts) { batch in
                measurement.add(rows: batch.chunk.rowCount)
                let left = ContinuousClock.now
                defer { elsewhere += ContinuousClock.now - left }
                try emit(batch)
            }
        }
    }
}

/// Rows that an operator gave and nanoseconds that it and its inputs took, counted by all threads.
final class Measurement: Sendable {
    private let rows = Atomic<Int>(0)
    private let nanoseconds = Atomic<Int>(0)

    func add(rows count: Int) { rows.wrappingAdd(count, ordering: .relaxed) }
    func add(_ time: Duration) { nanoseconds.wrappingAdd(Int(time / .nanoseconds(1)), ordering: .relaxed) }

    var rowCount: Int { rows.load(ordering: .relaxed) }

    /// What is left of the time without the inputs' measurements, in nanoseconds.
    func own(without inputs: [Measurement]) -> Int {
        // why: a breaker waits for its inputs' threads, whose time together may be more than its own
        max(0, inputs.reduce(nanoseconds.load(ordering: .relaxed)) { $0 - $1.nanoseconds.load(ordering: .relaxed) })
    }
}
