import ZLColumnar

/// Aggregates that keep the value of one row of each group: first, last, any_value, arg_min, arg_max, and min and max of texts
/// and intervals.
///
/// Each batch is gone through twice: the chooser, typed by the key, lists the rows that replace their group's choice; then the
/// values of those rows are copied. Where the values are the keys too, they are copied into both.
///
/// - Complexity: O(1) a row, and for texts a copy of at most one a group and batch.
final class ChoiceState: BatchAggregateState {
    private let rule: ChoiceRule
    private let type: DataType
    private let key: DataType
    private let chooser: any RowChooser
    private let values: ChosenValues

    /// - Parameter key: type of the second argument, which decides; the one argument decides itself where nil.
    init(_ rule: ChoiceRule, type: DataType, key: DataType?) {
        self.rule = rule
        self.type = type
        self.key = key ?? type
        chooser = ChoiceState.chooser(rule, key: self.key)
        values = ChosenValues(type: type)
    }

    private static func chooser(_ rule: ChoiceRule, key: DataType) -> any RowChooser {
        guard rule == .least || rule == .greatest else { return PlaceChooser(rule) }
        let wantsLess = rule == .least
        return switch key.physical {
        case .bool, .uint8: ExtremeChooser<UInt8>(wantsLess: wantsLess)
        case .int8: ExtremeChooser<Int8>(wantsLess: wantsLess)
        case .int16: ExtremeChooser<Int16>(wantsLess: wantsLess)
        case .int32: ExtremeChooser<Int32>(wantsLess: wantsLess)
        case .int64: ExtremeChooser<Int64>(wantsLess: wantsLess)
        case .int128, .interval: ExtremeChooser<Int128>(wantsLess: wantsLess)
        case .uint16: ExtremeChooser<UInt16>(wantsLess: wantsLess)
        case .uint32: ExtremeChooser<UInt32>(wantsLess: wantsLess)
        case .uint64: ExtremeChooser<UInt64>(wantsLess: wantsLess)
        case .float32: ExtremeChooser<Float>(wantsLess: wantsLess)
        case .float64: ExtremeChooser<Double>(wantsLess: wantsLess)
        case .string: TextChooser(wantsLess: wantsLess)
        }
    }

    /// The state of min, max, first, last or any_value.
    static func make(_ rule: ChoiceRule, type: DataType) -> any AggregateState {
        guard rule == .least || rule == .greatest else { return ChoiceState(rule, type: type, key: nil) }
        let wantsLess = rule == .least
        return switch type.physical {
        case .bool, .uint8: ExtremeState<UInt8>(type: type, wantsLess: wantsLess)
        case .int8: ExtremeState<Int8>(type: type, wantsLess: wantsLess)
        case .int16: ExtremeState<Int16>(type: type, wantsLess: wantsLess)
        case .int32: ExtremeState<Int32>(type: type, wantsLess: wantsLess)
        case .int64: ExtremeState<Int64>(type: type, wantsLess: wantsLess)
        case .int128: ExtremeState<Int128>(type: type, wantsLess: wantsLess)
        case .uint16: ExtremeState<UInt16>(type: type, wantsLess: wantsLess)
        case .uint32: ExtremeState<UInt32>(type: type, wantsLess: wantsLess)
        case .uint64: ExtremeState<UInt64>(type: type, wantsLess: wantsLess)
        case .float32: ExtremeState<Float>(type: type, wantsLess: wantsLess)
        case .float64: ExtremeState<Double>(type: type, wantsLess: wantsLess)
        case .string, .interval: ChoiceState(rule, type: type, key: nil)
        }
    }

    func grow(to groupCount: Int) {
        chooser.grow(to: groupCount)
        values.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        let values = arguments[0].flattened()
        let chosen = chooser.choose(arguments.count > 1 ? arguments[1].flattened() : values, rows)
        if chosen.count > 0 { self.values.take(values, chosen) }
    }

    func makePartial() -> (any AggregateState)? { ChoiceState(rule, type: type, key: key) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? ChoiceState else { return }
        let chosen = chooser.merge(partial.chooser, groups: groups)
        if chosen.count > 0 { values.take(partial.values.column(isPresent: partial.chooser.isPresent), chosen) }
    }

    func finish() throws(ZLError) -> ColumnVector { values.column(isPresent: chooser.isPresent) }
}
