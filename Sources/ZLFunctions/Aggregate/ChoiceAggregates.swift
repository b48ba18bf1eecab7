import ZLColumnar

/// Aggregates that pick one of the rows: min, max, first, last, any_value, arg_min, arg_max. They keep the argument's type.
enum ChoiceAggregates {
    fileprivate enum Rule: Sendable { case least, greatest, first, last, firstValue }

    static let functions: [AggregateFunction] = [
        single("min", "Least value.", .least),
        single("max", "Greatest value; NaN is greater than every number.", .greatest),
        single("any_value", "First value that is not NULL.", .firstValue, isOrderSensitive: true),
        single("first", aliases: ["arbitrary"], "Value of the first row, NULL or not.", .first, isOrderSensitive: true),
        single("last", "Value of the last row, NULL or not.", .last, isOrderSensitive: true),
        byKey("arg_min", aliases: ["min_by", "argmin"], "Value of the row with the least key; the first of several.", .least),
        byKey("arg_max", aliases: ["max_by", "argmax"], "Value of the row with the greatest key; the first of several.", .greatest),
    ]

    private static func single(
        _ name: String, aliases: [String] = [], _ summary: String, _ rule: Rule, isOrderSensitive: Bool = false
    ) -> AggregateFunction {
        AggregateFunction(
            FunctionDescription(name, .aggregate, aliases: aliases, summary, nullRule: .skips, example: "\(name)(x) FROM range(3) AS t(x)"),
            [
                AggregateOverload("\(name)(T) -> T", resolve: Signatures.uniform(count: 1) { _ in true }) { (signature, _) throws(ZLError) in
                    ChoiceState(rule: rule, type: signature.result, key: signature.result)
                }
            ], isOrderSensitive: isOrderSensitive)
    }

    private static func byKey(_ name: String, aliases: [String], _ summary: String, _ rule: Rule) -> AggregateFunction {
        AggregateFunction(
            FunctionDescription(name, .aggregate, aliases: aliases, summary, nullRule: .skips, example: "\(name)(x, 10 - x) FROM range(3) AS t(x)"),
            [
                AggregateOverload("\(name)(T, key) -> T", resolve: { types in
                    types.count == 2 ? ResolvedSignature(arguments: types, result: types[0], cost: 0) : nil
                }) { (signature, _) throws(ZLError) in
                    ChoiceState(rule: rule, type: signature.result, key: signature.arguments[1])
                }
            ])
    }
}

/// The chosen row of each group: which of the vectors seen so far it lies in, and where.
///
/// Values stay in their vectors until the end; a vector that no group points into any more is let go in `finish` only, so a
/// state holds what it was fed. Keys of 64 bits or less are compared as order words, others by value.
private final class ChoiceState: AggregateState {
    private let rule: ChoiceAggregates.Rule
    private let type: DataType
    private let key: DataType
    /// Chosen values, copied out of their vectors.
    private var chosen = GroupArray<StringView>(StringView())
    private var words = GroupArray<UInt64>(0)
    private var keyViews = GroupArray<StringView>(StringView())
    private var present = GroupArray<UInt8>(0)
    private var isNull = GroupArray<UInt8>(0)
    private let heap = StringHeap()

    init(rule: ChoiceAggregates.Rule, type: DataType, key: DataType) {
        self.rule = rule
        self.type = type
        self.key = key
    }

    func grow(to groupCount: Int) {
        chosen.grow(to: groupCount)
        words.grow(to: groupCount)
        keyViews.grow(to: groupCount)
        present.grow(to: groupCount)
        isNull.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?, block: Int) throws(ZLError) {
        let values = arguments[0].flattened()
        let keys = arguments.count > 1 ? arguments[1].flattened() : values
        let takesNulls = rule == .first || rule == .last
        for row in 0..<count {
            let group = groups.map { Int($0[row]) } ?? 0
            if !takesNulls, keys.isNull(row) { continue }
            if present.values[group] == 1 {
                switch rule {
                case .first, .firstValue: continue
                case .last: break
                case .least: if !isBefore(keys, row, group, wantsLess: true) { continue }
                case .greatest: if !isBefore(keys, row, group, wantsLess: false) { continue }
                }
            }
            take(values, keys, row, group)
        }
    }

    private func take(_ values: ColumnVector, _ keys: ColumnVector, _ row: Int, _ group: Int) {
        present.values[group] = 1
        isNull.values[group] = values.isNull(row) ? 1 : 0
        if !values.isNull(row) { chosen.values[group] = slot(values, row) }
        guard rule == .least || rule == .greatest else { return }
        if key.physical == .string || key.physical.stride == 16 {
            keyViews.values[group] = slot(keys, row)
        } else {
            words.values[group] = OrderWord.word(keys, row)
        }
    }

    /// The bytes of a value, in 16; long strings are copied.
    private func slot(_ vector: ColumnVector, _ row: Int) -> StringView {
        var view = StringView()
        switch vector.physical.stride {
        case 1: view.head = UInt64(vector.values(UInt8.self)[row])
        case 2: view.head = UInt64(vector.values(UInt16.self)[row])
        case 4: view.head = UInt64(vector.values(UInt32.self)[row])
        case 8: view.head = vector.values(UInt64.self)[row]
        default:
            if vector.physical == .string { return heap.view(copying: (vector.values(StringView.self) + row).bytes) }
            view = vector.values(StringView.self)[row]
        }
        return view
    }

    /// Whether the key of a row beats the group's.
    private func isBefore(_ keys: ColumnVector, _ row: Int, _ group: Int, wantsLess: Bool) -> Bool {
        if key.physical == .string {
            let order = StringView.compare(keys.values(StringView.self) + row, UnsafePointer(keyViews.values + group))
            return wantsLess ? order < 0 : order > 0
        }
        if key.physical.stride == 16 {
            let held = keyViews.values[group]
            let other = Int128(truncatingIfNeeded: UInt128(held.head) | UInt128(held.tail) << 64)
            if key.physical == .interval {
                let current = keys.values(Interval.self)[row].normalized
                let kept = unsafeBitCast(held, to: Interval.self).normalized
                return wantsLess ? current < kept : current > kept
            }
            let current = keys.values(Int128.self)[row]
            return wantsLess ? current < other : current > other
        }
        let word = OrderWord.word(keys, row)
        return wantsLess ? word < words.values[group] : word > words.values[group]
    }

    func finish() throws(ZLError) -> ColumnVector {
        let isHere = { [present, isNull] (group: Int) in present.values[group] == 1 && isNull.values[group] == 0 }
        if type.physical.stride == 16 { return .groups(chosen, type: type, isPresent: isHere, heaps: [heap]) }
        let builder = ColumnBuilder(type: type, capacity: chosen.count)
        for group in 0..<chosen.count {
            guard isHere(group) else {
                builder.appendNull()
                continue
            }
            let bits = chosen.values[group].head
            switch type.physical.stride {
            case 1: builder.append(UInt8(truncatingIfNeeded: bits))
            case 2: builder.append(UInt16(truncatingIfNeeded: bits))
            case 4: builder.append(UInt32(truncatingIfNeeded: bits))
            default: builder.append(bits)
            }
        }
        return builder.finish()
    }
}

/// A word whose unsigned order is that of the value, for layouts of at most 8 bytes.
enum OrderWord {
    static func word(_ vector: ColumnVector, _ row: Int) -> UInt64 {
        switch vector.physical {
        case .bool, .uint8: UInt64(vector.values(UInt8.self)[row])
        case .uint16: UInt64(vector.values(UInt16.self)[row])
        case .uint32: UInt64(vector.values(UInt32.self)[row])
        case .uint64: vector.values(UInt64.self)[row]
        case .int8: signed(Int64(vector.values(Int8.self)[row]))
        case .int16: signed(Int64(vector.values(Int16.self)[row]))
        case .int32: signed(Int64(vector.values(Int32.self)[row]))
        case .int64: signed(vector.values(Int64.self)[row])
        case .float32: ordered(Double(vector.values(Float.self)[row]))
        case .float64: ordered(vector.values(Double.self)[row])
        case .int128, .string, .interval: 0
        }
    }

    private static func signed(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ (1 << 63) }

    private static func ordered(_ value: Double) -> UInt64 {
        if value.isNaN { return .max }
        let bits = (value == 0 ? 0 : value).bitPattern
        return bits >> 63 == 1 ? ~bits : bits | (1 << 63)
    }
}
