import ZLColumnar

/// min and max of fixed-size values, one value a group.
///
/// NaN is greater than every number; of equal values (0 and -0) the first stays.
///
/// - Complexity: O(1) a row, no memory but the groups'.
final class ExtremeState<Key: ChoiceKey>: BatchAggregateState {
    private let type: DataType
    private let wantsLess: Bool
    private var values: GroupArray<Key>
    private var present = GroupArray<UInt8>(0)

    init(type: DataType, wantsLess: Bool) {
        self.type = type
        self.wantsLess = wantsLess
        values = GroupArray(wantsLess ? Key.greatest : Key.least)
    }

    func grow(to groupCount: Int) {
        values.grow(to: groupCount)
        present.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        let vector = arguments[0].flattened()
        if wantsLess {
            add(vector, rows) { (value, held) in Key.isBefore(value, held) }
        } else {
            add(vector, rows) { (value, held) in Key.isBefore(held, value) }
        }
        withExtendedLifetime(vector) {}
    }

    @inline(__always)
    private func add(_ vector: ColumnVector, _ rows: AggregateRows, _ beats: (Key, Key) -> Bool) {
        let source = vector.values(Key.self)
        let (held, known) = (values.values, present.values)
        let nulls = NullMask(vector)
        if let groups = rows.groups {
            for row in 0..<rows.count {
                if nulls.isNull(row) { continue }
                let group = Int(groups[row])
                if beats(source[row], held[group]) { held[group] = source[row] }
                known[group] = 1
            }
            return
        }
        for run in rows.runs {
            var best = held[run.group]
            var found: UInt8 = known[run.group]
            if nulls.mayHaveNulls {
                for row in run.start..<run.end where !nulls.isNull(row) {
                    if beats(source[row], best) { best = source[row] }
                    found = 1
                }
            } else {
                for row in run.start..<run.end where beats(source[row], best) { best = source[row] }
                found = 1
            }
            held[run.group] = best
            known[run.group] = found
        }
    }

    func makePartial() -> (any AggregateState)? { ExtremeState(type: type, wantsLess: wantsLess) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? ExtremeState<Key> else { return }
        for other in 0..<partial.values.count where partial.present.values[other] == 1 {
            let group = Int(groups[other])
            let value = partial.values.values[other]
            let held = values.values[group]
            if wantsLess ? Key.isBefore(value, held) : Key.isBefore(held, value) { values.values[group] = value }
            present.values[group] = 1
        }
    }

    func finish() throws(ZLError) -> ColumnVector { .groups(values, type: type) { present.values[$0] == 1 } }
}

/// A fixed-size value with the order of SQL.
protocol ChoiceKey: BitwiseCopyable {
    static func isBefore(_ a: Self, _ b: Self) -> Bool
    /// No value is before, or after, these.
    static var least: Self { get }
    static var greatest: Self { get }
}

extension ChoiceKey where Self: FixedWidthInteger {
    @inline(__always)
    static func isBefore(_ a: Self, _ b: Self) -> Bool { a < b }
    static var least: Self { .min }
    static var greatest: Self { .max }
}

extension ChoiceKey where Self: BinaryFloatingPoint {
    @inline(__always)
    static func isBefore(_ a: Self, _ b: Self) -> Bool { a < b || (b != b && a == a) }
    static var least: Self { -.infinity }
    static var greatest: Self { .nan }
}

extension UInt8: ChoiceKey {}
extension Int8: ChoiceKey {}
extension Int16: ChoiceKey {}
extension Int32: ChoiceKey {}
extension Int64: ChoiceKey {}
extension Int128: ChoiceKey {}
extension UInt16: ChoiceKey {}
extension UInt32: ChoiceKey {}
extension UInt64: ChoiceKey {}
extension Float: ChoiceKey {}
extension Double: ChoiceKey {}
