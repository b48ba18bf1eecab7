import ZLColumnar

/// bit_and, bit_or and bit_xor of whole numbers.
enum BitAggregates {
    static let functions: [AggregateFunction] = [
        make("bit_and", "Bits that all values have.", initial: -1) { $0 & $1 },
        make("bit_or", "Bits that some value has.", initial: 0) { $0 | $1 },
        make("bit_xor", "Bits that an odd number of values have.", initial: 0) { $0 ^ $1 },
    ]

    private static func make(
        _ name: String, _ summary: String, initial: Int64, _ combine: @escaping @Sendable (Int64, Int64) -> Int64
    ) -> AggregateFunction {
        AggregateFunction(
            FunctionDescription(name, .aggregate, summary, nullRule: .skips, example: "\(name)(x) FROM range(3) AS t(x)"),
            [
                AggregateOverload("\(name)(BIGINT) -> BIGINT", resolve: Signatures.fixed([.bigint], .bigint)) { (_, _) throws(ZLError) in
                    BitState(initial: initial, combine: combine)
                }
            ])
    }
}

private final class BitState: AggregateState {
    private var bits: GroupArray<Int64>
    private let initial: Int64
    private var isPresent = GroupArray(UInt8(0))
    private let combine: @Sendable (Int64, Int64) -> Int64

    init(initial: Int64, combine: @escaping @Sendable (Int64, Int64) -> Int64) {
        self.initial = initial
        bits = GroupArray(initial)
        self.combine = combine
    }

    var isOrderFree: Bool { true }

    func grow(to groupCount: Int) {
        bits.grow(to: groupCount)
        isPresent.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?) throws(ZLError) {
        let flat = arguments[0].flattened()
        let values = flat.values(Int64.self)
        for row in 0..<count where !flat.isNull(row) {
            let group = groups.map { Int($0[row]) } ?? 0
            bits.values[group] = combine(bits.values[group], values[row])
            isPresent.values[group] = 1
        }
    }

    func makePartial() -> (any AggregateState)? { BitState(initial: initial, combine: combine) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? BitState else { return }
        for other in 0..<partial.bits.count where partial.isPresent.values[other] != 0 {
            let group = Int(groups[other])
            bits.values[group] = combine(bits.values[group], partial.bits.values[other])
            isPresent.values[group] = 1
        }
    }

    func finish() throws(ZLError) -> ColumnVector {
        let present = isPresent.values
        return ColumnVector.groups(bits, type: .bigint) { present[$0] != 0 }
    }
}
