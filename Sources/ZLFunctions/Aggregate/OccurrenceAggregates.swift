import Glibc
import ZLColumnar

/// Aggregates over how often each value occurs.
enum OccurrenceAggregates {
    static let functions: [AggregateFunction] = [
        make("mode", "The most frequent value, of several the one seen first.", "mode(x % 2) FROM range(3) AS t(x)", result: nil) { counts in
            counts.values.max { ($0.count, $1.first) < ($1.count, $0.first) }?.value ?? .null
        },
        make("entropy", "Entropy of the values' frequencies in bits; 0 for no values.", "entropy(x % 2) FROM range(4) AS t(x)", result: .double) { counts in
            let total = counts.values.reduce(0) { $0 + $1.count }
            let shares = counts.values.sorted { $0.first < $1.first }.map { Double($0.count) / Double(total) }
            return .double(shares.reduce(0.0) { $0 - $1 * Glibc.log2($1) })
        },
        make(
            "approx_count_distinct", "Number of different values; counted exactly.", "approx_count_distinct(x) FROM range(3) AS t(x)", result: .bigint
        ) { counts in .integer(Int128(counts.count)) },
    ]

    struct Occurrence: Sendable {
        var value: Value
        var count: Int
        /// When it was seen first, counted over all values.
        var first: Int
    }

    private static func make(
        _ name: String, _ summary: String, _ example: String, result: DataType?,
        _ outcome: @escaping @Sendable ([Value: Occurrence]) -> Value
    ) -> AggregateFunction {
        AggregateFunction(
            FunctionDescription(name, .aggregate, summary, nullRule: .skips, example: example),
            [
                AggregateOverload(
                    "\(name)(T) -> \(result?.description ?? "T")", resolve: Signatures.uniform(count: 1, result: result) { _ in true }
                ) { (signature, _) throws(ZLError) in OccurrenceState(signature.result, outcome) }
            ])
    }
}

/// - Complexity: memory O(different values).
private final class OccurrenceState: AggregateState {
    private var groups: [[Value: OccurrenceAggregates.Occurrence]] = []
    private var seen = 0
    private let type: DataType
    private let outcome: @Sendable ([Value: OccurrenceAggregates.Occurrence]) -> Value

    init(_ type: DataType, _ outcome: @escaping @Sendable ([Value: OccurrenceAggregates.Occurrence]) -> Value) {
        self.type = type
        self.outcome = outcome
    }

    func grow(to groupCount: Int) { while groups.count < groupCount { groups.append([:]) } }

    func update(_ arguments: [ColumnVector], count: Int, groups numbers: UnsafePointer<UInt32>?) throws(ZLError) {
        for row in 0..<count where !arguments[0].isNull(row) {
            let value = arguments[0].value(at: row)
            seen += 1
            groups[numbers.map { Int($0[row]) } ?? 0][
                value, default: OccurrenceAggregates.Occurrence(value: value, count: 0, first: seen)
            ].count += 1
        }
    }

    func finish() throws(ZLError) -> ColumnVector {
        let builder = ColumnBuilder(type: type, capacity: groups.count)
        for group in groups { builder.append(value: outcome(group)) }
        return builder.finish()
    }
}
