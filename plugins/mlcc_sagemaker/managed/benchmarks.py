"""The benchmarks that serverless jobs run, with their parts, metrics and ways of asking.

Names are those of the SageMaker SDK 3.27, to which the tests hold them. Parts of ``strong_reject``
are those of AWS's documentation: the SDK does not know them. Left out are the SDK's ``mmmu``, which
only Nova models take, and ``llm_judge``, which brings no rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlcc_core import MlccError

ALL = "all"
"""The word for every part of a benchmark, which is also what is meant without one."""

FLAG = "--benchmark"

MMLU = """
    abstract_algebra anatomy astronomy business_ethics clinical_knowledge college_biology
    college_chemistry college_computer_science college_mathematics college_medicine
    college_physics computer_security conceptual_physics econometrics electrical_engineering
    elementary_mathematics formal_logic global_facts high_school_biology high_school_chemistry
    high_school_computer_science high_school_european_history high_school_geography
    high_school_government_and_politics high_school_macroeconomics high_school_mathematics
    high_school_microeconomics high_school_physics high_school_psychology high_school_statistics
    high_school_us_history high_school_world_history human_aging human_sexuality
    international_law jurisprudence logical_fallacies machine_learning management marketing
    medical_genetics miscellaneous moral_disputes moral_scenarios nutrition philosophy
    prehistory professional_accounting professional_law professional_medicine
    professional_psychology public_relations security_studies sociology us_foreign_policy
    virology world_religions
"""

BBH = """
    boolean_expressions causal_judgement date_understanding disambiguation_qa dyck_languages
    formal_fallacies geometric_shapes hyperbaton logical_deduction_five_objects
    logical_deduction_seven_objects logical_deduction_three_objects movie_recommendation
    multistep_arithmetic_two navigate object_counting penguins_in_a_table
    reasoning_about_colored_objects ruin_names salient_translation_error_detection snarks
    sports_understanding temporal_sequences tracking_shuffled_objects_five_objects
    tracking_shuffled_objects_seven_objects tracking_shuffled_objects_three_objects web_of_lies
    word_sorting
"""

MATH = """
    algebra counting_and_probability geometry intermediate_algebra number_theory prealgebra
    precalculus
"""

STRONG_REJECT = """
    gcg_transfer_harmbench gcg_transfer_universal_attacks combination_3 combination_2
    few_shot_json dev_mode_v2 dev_mode_with_rant wikipedia_with_title distractors wikipedia
    style_injection_json style_injection_short refusal_suppression prefix_injection
    distractors_negated poems base64 base64_raw base64_input_only base64_output_only
    evil_confidant aim rot_13 disemvowel auto_obfuscation auto_payload_splitting pair
    pap_authority_endorsement pap_evidence_based_persuasion pap_expert_endorsement
    pap_logical_appeal pap_misrepresentation
"""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark.

    Attributes:
        title: for people.
        metric: the service's name of the number by which it is judged.
        strategy: the service's name of the way of asking: without examples (``zs``), with thinking
            (``zs_cot``), or with examples and thinking (``fs_cot``).
        parts: of it; none where it is run as a whole only.
    """

    title: str
    metric: str
    strategy: str
    parts: tuple[str, ...] = ()


BENCHMARKS: Mapping[str, Benchmark] = {
    "mmlu": Benchmark("MMLU", "accuracy", "zs_cot", tuple(MMLU.split())),
    "mmlu_pro": Benchmark("MMLU-Pro", "accuracy", "zs_cot"),
    "bbh": Benchmark("BIG-Bench Hard", "accuracy", "fs_cot", tuple(BBH.split())),
    "gpqa": Benchmark("GPQA", "accuracy", "zs_cot"),
    "math": Benchmark("MATH", "exact_match", "zs_cot", tuple(MATH.split())),
    "strong_reject": Benchmark("StrongREJECT", "deflection", "zs", tuple(STRONG_REJECT.split())),
    "ifeval": Benchmark("IFEval", "accuracy", "zs"),
}


def find_benchmark(text: str) -> tuple[str, Benchmark, tuple[str, ...]]:
    """Return name, benchmark and parts of what a user typed; no parts for the whole.

    Example:
        >>> name, benchmark, parts = find_benchmark("mmlu:anatomy,virology")
        >>> name, benchmark.metric, parts
        ('mmlu', 'accuracy', ('anatomy', 'virology'))

    Raises:
        MlccError: there is no such benchmark, or part of it; those that there are are listed.
    """
    name, _, rest = text.strip().lower().partition(":")
    benchmark = BENCHMARKS.get(name)
    if benchmark is None:
        raise MlccError(
            f"SageMaker has no benchmark {name!r}, expected one of {', '.join(BENCHMARKS)}.",
            where=FLAG,
            hint=f"pass {FLAG} mmlu",
        )
    parts = tuple(dict.fromkeys(part.strip() for part in rest.split(",") if part.strip()))
    if not parts or parts == (ALL,):
        return name, benchmark, ()
    if not benchmark.parts:
        raise MlccError(
            f"The benchmark {name!r} has no parts, and {rest!r} was asked for.",
            where=FLAG,
            hint=f"pass {FLAG} {name}",
        )
    unknown = [part for part in parts if part not in benchmark.parts]
    if unknown:
        raise MlccError(
            f"The benchmark {name!r} has no part {', '.join(unknown)}, expected some of "
            f"{', '.join(benchmark.parts)}.",
            where=FLAG,
            hint=f"pass {FLAG} {name}:{benchmark.parts[0]}",
        )
    return name, benchmark, parts


def written(name: str, parts: tuple[str, ...]) -> str:
    """Return a benchmark and its parts as a user would type it: ``mmlu:anatomy,virology``."""
    return f"{name}:{','.join(parts)}" if parts else name
