"""Every table there is: importing a room's models fills the metadata, whoever runs without its pages."""

from __future__ import annotations

import accounts.models
import cases.models
import cases.parties.models
import core.audit
import core.centres
import core.jobs
import core.lease
import core.numbers
import core.outbox
import crawlers.models
import enterprises.models
import experts.agencies.models
import experts.appointing.models
import experts.appointing.standing_models
import experts.consultation_models
import experts.entry.models
import experts.models
import experts.onward.mediation_models
import experts.onward.models
import experts.opinion_models
import experts.resources.models
import experts.studies.models
import knowledge.models
import notify.models
import privacy.models
import warning.answer_models
import warning.bulletin_models
import warning.desk_models
import warning.joint_models
import warning.models
import warning.quiet_models
import warning.review_models
import warning.rule_models
import warning.surge.count_models
import warning.surge.signal_models
import warning.surge.told_models
import warning.surge.trial_models
from core.db import Base

#: importing them is all that is wanted of them
MODELS = (
    accounts.models,
    cases.models,
    cases.parties.models,
    core.audit,
    core.centres,
    core.jobs,
    core.lease,
    core.numbers,
    core.outbox,
    crawlers.models,
    enterprises.models,
    experts.agencies.models,
    experts.appointing.models,
    experts.appointing.standing_models,
    experts.consultation_models,
    experts.opinion_models,
    experts.entry.models,
    experts.models,
    experts.onward.mediation_models,
    experts.onward.models,
    experts.resources.models,
    experts.studies.models,
    knowledge.models,
    notify.models,
    privacy.models,
    warning.answer_models,
    warning.bulletin_models,
    warning.desk_models,
    warning.joint_models,
    warning.models,
    warning.quiet_models,
    warning.review_models,
    warning.rule_models,
    warning.surge.count_models,
    warning.surge.signal_models,
    warning.surge.told_models,
    warning.surge.trial_models,
)
#: every table by name
TABLES = Base.metadata.tables
