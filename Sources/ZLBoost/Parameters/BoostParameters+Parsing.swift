import ZLColumnar

/// A parameter as a user gave it: its name or an alias, and the literal without quotes.
package struct ParameterSetting: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension BoostParameters {
    /// Reads settings over the defaults. Names are matched without regard to case. A seed draws the single seeds first, so
    /// that a single seed holds wherever it stands in the list.
    ///
    /// - Throws: an unknown name (with the nearest one), a parameter that is not supported yet, a value that is no number or out
    ///   of range, and one parameter given two values, be it under two aliases.
    package init(_ settings: [ParameterSetting]) throws(ZLError) {
        self.init()
        var given: [String: ParameterSetting] = [:]
        var order: [(ParameterEntry, ParameterSetting)] = []
        for setting in settings {
            let entry: ParameterEntry = try Self.entry(for: setting)
            if let earlier = given[entry.name] {
                guard earlier.value == setting.value else { throw Self.contradiction(entry, earlier, setting) }
                continue
            }
            given[entry.name] = setting
            order.append((entry, setting))
        }
        for (entry, setting) in order {
            if case .seed = entry.field { try set(entry, setting) }
        }
        for (entry, setting) in order {
            if case .seed = entry.field { continue }
            try set(entry, setting)
        }
        // why: LightGBM does not let leaves without rows happen either.
        if minDataInLeaf == 0 && minSumHessianInLeaf <= SplitFinder.epsilon { minDataInLeaf = 1 }
    }

    /// The values of every parameter that has one, in the order of the table, as a model file lists them.
    package var settings: [ParameterSetting] {
        ParameterTable.entries.compactMap { entry in
            entry.text(in: self).map { ParameterSetting(name: entry.name, value: $0) }
        }
    }

    private static func entry(for setting: ParameterSetting) throws(ZLError) -> ParameterEntry {
        let name: String = setting.name.lowercased()
        if let entry = ParameterTable.entry(named: name) { return entry }
        if let known = UnsupportedParameters.canonicalName(of: name) {
            let spelled = known == name ? "parameter \(known)" : "parameter \(known) (given as \(setting.name))"
            throw ZLError(
                .binding, "unsupported_parameter", "\(spelled) of LightGBM is not implemented yet",
                hint: known == "num_threads" ? "the number of threads is a setting of the session" : nil)
        }
        let nearest: String? = nearestName(to: name)
        throw ZLError(
            .binding, "unknown_parameter", "unknown training parameter \(setting.name)",
            hint: nearest.map { "did you mean \($0)?" })
    }

    private static func contradiction(
        _ entry: ParameterEntry, _ first: ParameterSetting, _ second: ParameterSetting
    ) -> ZLError {
        let names = first.name == second.name ? first.name : "\(first.name) and \(second.name)"
        return ZLError(
            .binding, "contradictory_parameters",
            "parameter \(entry.name) is given twice with different values (\(names): \(first.value) and \(second.value))")
    }

    private mutating func set(_ entry: ParameterEntry, _ setting: ParameterSetting) throws(ZLError) {
        let text: String = trimmed(setting.value)
        switch entry.field {
        case .real(let path, let range):
            guard let value = Double(text), range.contains(value) else { throw Self.outOfRange(entry, setting) }
            self[keyPath: path] = value
        case .integer(let path, let range):
            guard let value = Self.integer(text), range.contains(value) else { throw Self.outOfRange(entry, setting) }
            self[keyPath: path] = value
        case .flag(let path):
            guard let value = Self.flag(text) else { throw Self.outOfRange(entry, setting) }
            self[keyPath: path] = value
        case .seed:
            guard let value = Self.integer(text), Int32(exactly: value) != nil else {
                throw Self.outOfRange(entry, setting)
            }
            drawSeeds(from: value)
        case .boosting:
            guard text.lowercased() == "gbdt" || text.lowercased() == "gbrt" else {
                throw .notYet("parameter boosting = \(setting.value)")
            }
        case .objective: objective = try ObjectiveKind(parsing: text)
        case .metrics: requestedMetrics = try MetricKind.list(parsing: text)
        }
    }

    private static func outOfRange(_ entry: ParameterEntry, _ setting: ParameterSetting) -> ZLError {
        ZLError(
            .binding, "invalid_parameter",
            "parameter \(setting.name) is \(setting.value), expected \(entry.range)")
    }

    /// An integer literal; a real one with nothing after the point counts too, since SQL arithmetic may write one.
    private static func integer(_ text: String) -> Int? {
        if let value = Int(text) { return value }
        guard let value = Double(text) else { return nil }
        return Int(exactly: value)
    }

    private static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "1", "+": true
        case "false", "0", "-": false
        default: nil
        }
    }

    /// The parameter name or alias with the smallest edit distance, if at most a third of the letters differ.
    private static func nearestName(to name: String) -> String? {
        var best: (name: String, distance: Int)?
        for entry in ParameterTable.entries {
            for candidate in [entry.name] + entry.aliases {
                let distance: Int = editDistance(Array(name.utf8), Array(candidate.utf8))
                if distance < best?.distance ?? Int.max { best = (candidate, distance) }
            }
        }
        guard let best, best.distance <= max(1, name.utf8.count / 3) else { return nil }
        return best.name
    }
}

/// Levenshtein's distance in single-byte insertions, deletions and replacements; O(a * b).
func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row: [Int] = Array(0...b.count)
    for i in a.indices {
        var diagonal: Int = row[0]
        row[0] = i + 1
        for j in b.indices {
            let replaced: Int = diagonal + (a[i] == b[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
        }
    }
    return row[b.count]
}

/// `text` without blanks at either end.
func trimmed(_ text: String) -> String {
    var bytes: Substring.UTF8View = text[...].utf8
    while let first = bytes.first, first == 32 || first == 9 { bytes = bytes.dropFirst() }
    while let last = bytes.last, last == 32 || last == 9 { bytes = bytes.dropLast() }
    return String(Substring(bytes))
}
