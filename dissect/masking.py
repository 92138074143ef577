"""A node, in: whether it tells who somebody is, its text and its bytes without that, out.

The guide is the Basic Application Level Confidentiality Profile (PS3.15 Table E.1-1). UIDs stay, for without them
no message could be told from another, and so do the AE titles of the network, and what command sets say in codes.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from dissect.dicom.dimse import Message
from dissect.dicom.terms import ERROR_COMMENT
from dissect.dicom.values import NUMBERS, UNKNOWN, look_up, read_tag, tell_keyword
from dissect.node import Node
from dissect.spans import Source, Span, clip
from dissect.text import decode

Range = tuple[int, int]

VRS = frozenset(("DA", "DT", "LT", "PN", "ST", "TM", "UT"))
"""Value representations whose every value is private: names, dates and times, and what is written freely."""

NAMED = frozenset((
    "AccessionNumber", "AcquisitionDeviceProcessingDescription", "AcquisitionFieldOfViewLabel", "AdmissionID",
    "AdmittingDiagnosesDescription", "AnnotationGroupLabel", "CassetteID", "CertificateOfSigner", "CertifiedTimestamp",
    "ClinicalTrialCoordinatingCenterName", "ClinicalTrialProtocolEthicsCommitteeApprovalNumber",
    "ClinicalTrialProtocolEthicsCommitteeName", "ClinicalTrialProtocolID", "ClinicalTrialProtocolName",
    "ClinicalTrialSeriesDescription", "ClinicalTrialSeriesID", "ClinicalTrialSiteID", "ClinicalTrialSiteName",
    "ClinicalTrialSponsorName", "ClinicalTrialSubjectID", "ClinicalTrialSubjectReadingID", "ClinicalTrialTimePointID",
    "ConfidentialityConstraintOnPatientDataDescription", "ContainerComponentID", "ContainerDescription",
    "ContainerIdentifier", "ContrastBolusAgent", "CurrentPatientLocation", "CurveData", "DataSetTrailingPadding",
    "DestinationAE", "DetectorID", "DeviceAlternateIdentifier", "DeviceDescription", "DeviceLabel",
    "DeviceSerialNumber", "DeviceSettingDescription", "DischargeDiagnosisDescription", "DisplacementReferenceLabel",
    "DistributionAddress", "DoseReferenceDescription", "EncapsulatedDocument", "EntityLabel", "EntityLongLabel",
    "EntityName", "FillerOrderNumberImagingServiceRequest", "FlowIdentifier", "FractionGroupDescription",
    "FrameOriginTimestamp", "GPSAltitude", "GPSAltitudeRef", "GPSAreaInformation", "GPSDOP", "GPSDestBearing",
    "GPSDestBearingRef", "GPSDestDistance", "GPSDestDistanceRef", "GPSDestLatitude", "GPSDestLatitudeRef",
    "GPSDestLongitude", "GPSDestLongitudeRef", "GPSDifferential", "GPSImgDirection", "GPSImgDirectionRef",
    "GPSLatitude", "GPSLatitudeRef", "GPSLongitude", "GPSLongitudeRef", "GPSMeasureMode", "GPSProcessingMethod",
    "GPSSpeed", "GPSSpeedRef", "GPSStatus", "GPSTrack", "GPSTrackRef", "GPSVersionID", "GantryID", "GeneratorID",
    "HumanPerformerOrganization", "InstanceOriginStatus", "InstitutionName", "InstitutionalDepartmentName",
    "InterpretationID", "InterpretationIDIssuer", "IssuerOfAdmissionID", "IssuerOfClinicalTrialProtocolID",
    "IssuerOfClinicalTrialSeriesID", "IssuerOfClinicalTrialSiteID", "IssuerOfClinicalTrialSubjectID",
    "IssuerOfClinicalTrialSubjectReadingID", "IssuerOfClinicalTrialTimePointID", "IssuerOfServiceEpisodeID",
    "LensSpecification", "MAC", "MakerNote", "ModifiedImageDescription", "ModifyingDeviceID", "ModifyingSystem",
    "NetworkID", "NonconformingDataElementValue", "OrderCallbackPhoneNumber", "OrderEntererLocation", "Originator",
    "OverlayData", "PatientInstitutionResidence", "PatientState", "PatientTransportArrangements", "PerformedLocation",
    "PerformedProcedureStepDescription", "PerformedProcedureStepID", "PerformedStationAETitle", "PerformedStationName",
    "PersonTelephoneNumbers", "PlacerOrderNumberImagingServiceRequest", "PlateID", "PositionAcquisitionTemplateName",
    "PreMedication", "ProtocolName", "PyramidDescription", "PyramidLabel", "ROIGenerationDescription", "ROIName",
    "ROIObservationLabel", "RTAccessoryDeviceSlotID", "RTAccessoryHolderSlotID", "RTPlanLabel", "RTPlanName",
    "RTPrescriptionLabel", "RTToleranceSetLabel", "RTTreatmentApproachLabel", "RadiationDoseIdentificationLabel",
    "RadiationDoseInVivoMeasurementLabel", "RadiationGenerationModeLabel", "ReasonForOmissionDescription",
    "ReasonForStudy", "ReasonForTheAttributeModification", "ReasonForTheImagingServiceRequest",
    "ReasonForTheRequestedProcedure", "ReceivingAE", "ReferringPhysicianTelephoneNumbers", "RequestedContrastAgent",
    "RequestedProcedureDescription", "RequestedProcedureID", "RequestedProcedureLocation", "RequestedSeriesDescription",
    "RequestingAE", "RequestingService", "ResultsID", "ResultsIDIssuer", "RetrieveAETitle",
    "ScheduledPatientInstitutionResidence", "ScheduledProcedureStepDescription", "ScheduledProcedureStepID",
    "ScheduledProcedureStepLocation", "ScheduledStationAETitle", "ScheduledStationName", "ScheduledStudyLocation",
    "ScheduledStudyLocationAETitle", "SelectorAEValue", "SelectorASValue", "SelectorLOValue", "SelectorOBValue",
    "SelectorSHValue", "SelectorUNValue", "SelectorURValue", "SeriesDescription", "ServiceEpisodeDescription",
    "ServiceEpisodeID", "SlideIdentifier", "SourceIdentifier", "SourceManufacturer", "SourceOfPreviousValues",
    "SourceSerialNumber", "SpecialNeeds", "SpecimenAccessionNumber", "SpecimenIdentifier", "SpecimenShortDescription",
    "StationAETitle", "StationName", "StructureSetLabel", "StructureSetName", "StudyDescription", "StudyID",
    "StudyIDIssuer", "TelephoneNumberTrial", "TextString", "TimezoneOffsetFromUTC", "TopicAuthor", "TopicKeywords",
    "TopicTitle", "TreatmentMachineName", "TreatmentPositionGroupLabel", "TreatmentSite", "TreatmentSites",
    "UserContentLabel", "UserContentLongLabel", "VerifyingOrganization", "XRayDetectorID", "XRaySourceID",
))  # fmt: skip
"""The other elements of PS3.15 Table E.1-1, but for those of group 0010, which is all about the patient."""

SEQUENCES = frozenset((
    "ActualHumanPerformersSequence", "AdmittingDiagnosesCodeSequence", "AuthorObserverSequence",
    "ConsultingPhysicianIdentificationSequence", "ContentCreatorIdentificationCodeSequence",
    "CustodialOrganizationSequence", "DigitalSignaturesSequence", "InstitutionCodeSequence",
    "InstitutionalDepartmentTypeCodeSequence", "IntendedRecipientsOfResultsIdentificationSequence",
    "InterpretationApproverSequence", "IssuerOfAdmissionIDSequence", "IssuerOfServiceEpisodeIDSequence",
    "IssuerOfTheContainerIdentifierSequence", "IssuerOfTheSpecimenIdentifierSequence", "OperatorIdentificationSequence",
    "OtherClinicalTrialProtocolIDsSequence", "OtherPatientIDsSequence", "ParticipantSequence",
    "PatientInsurancePlanCodeSequence", "PatientPrimaryLanguageCodeSequence",
    "PatientPrimaryLanguageModifierCodeSequence", "PerformedStationGeographicLocationCodeSequence",
    "PerformedStationNameCodeSequence", "PerformingPhysicianIdentificationSequence", "PersonIdentificationCodeSequence",
    "PhysiciansOfRecordIdentificationSequence", "PhysiciansReadingStudyIdentificationSequence", "ROICreatorSequence",
    "ROIInterpreterSequence", "ReasonForRequestedProcedureCodeSequence", "ReasonForVisitCodeSequence",
    "ReferencedPatientAliasSequence", "ReferringPhysicianIdentificationSequence", "RequestAttributesSequence",
    "ResultsDistributionListSequence", "ScheduledHumanPerformersSequence",
    "ScheduledPerformingPhysicianIdentificationSequence", "ScheduledStationGeographicLocationCodeSequence",
    "ScheduledStationNameCodeSequence", "TransducerIdentificationSequence", "UDISequence",
    "VerbalSourceIdentifierCodeSequenceTrial", "VerifyingObserverIdentificationCodeSequence",
    "VerifyingObserverSequence",
))  # fmt: skip
"""Sequences of PS3.15 Table E.1-1 in whose items even a code tells of a person, a place or a device."""

PATIENT = 0x0010
"""The group of what is told of the patient (PS3.6)."""

CREATORS = range(0x10, 0x100)
"""Element numbers by which somebody reserves a block of private elements (PS3.5 7.8.1)."""

OPEN = frozenset((*NUMBERS, "AT", "SQ", "UI", ""))
"""Value representations that tell nothing where nobody knows what an element is about."""

IDENTITY = {"58H": ("primary-field", "secondary-field"), "59H": ("server-response",)}
"""The fields of a user identity and of the answer to it (PS3.7 D.3.3.7)."""

FRAGMENT, UNDECODED = "fragment", "undecoded-bytes"
"""The keys of nodes whose bytes nothing was read from, so that anything may stand in them."""

FIXED = ("<Empty>", "(binary)")
"""What is said of a value and is no part of it."""

QUOTING = {
    "comment": "the frame has a comment",
    "operation-failed": "an operation failed; the status of the response tells how",
    "overlap-differs": "bytes of the stream came twice with different contents; the first are shown",
}
"""What is told instead of notes that quote what stands in the capture, by their codes."""

MOST_COMMENTS = 64
"""How many error comments are looked for in one text."""

CAUSE = "cause"
"""The key of a node that tells of the request of a sub-operation."""


def is_private(node: Node) -> bool:
    """Tell whether a node's text may tell who somebody is, or is a secret."""
    key = node.key.partition(".")[0]
    if node.masked or key == UNDECODED or node.tag in IDENTITY:
        return True
    parent = node.parent
    if node.layout != "element":
        return parent is not None and (key in IDENTITY.get(parent.tag, ()) or node.key == FRAGMENT)
    tag = read_tag(node.tag)
    if node.vr in VRS or is_listed(tag):
        return True
    if node.vr == "SQ":
        return not node.children and node.length != 0  # nested too deep to be read
    return node.vr not in OPEN and (is_foreign(tag) or is_enclosed(node))


@lru_cache(maxsize=8192)
def is_listed(tag: int) -> bool:
    """Tell whether an element is private whatever its VR is in the bytes."""
    vr = look_up(tag).vr
    return (
        tag == ERROR_COMMENT
        or vr in VRS
        or (tag >> 16 == PATIENT and vr not in ("SQ", "UI"))
        or tell_keyword(tag) in NAMED
    )


@lru_cache(maxsize=8192)
def is_foreign(tag: int) -> bool:
    """Tell whether an element is none of the standard's, and not there to say whose it is."""
    if tag & 0x10000:
        return bool(tag & 0xFFFF) and tag & 0xFFFF not in CREATORS
    return look_up(tag) is UNKNOWN


def is_enclosed(node: Node) -> bool:
    """Tell whether an element stands, at any depth, in a sequence that is private as a whole."""
    outer = node.parent
    while outer is not None and outer.layout == "element":
        if outer.vr == "SQ" and (is_foreign(read_tag(outer.tag)) or tell_keyword(read_tag(outer.tag)) in SEQUENCES):
            return True
        outer = outer.parent
    return False


def mask(text: str) -> str:
    """Put x for each letter and 9 for each digit; blanks and punctuation stay."""
    return "".join(map(mask_character, text))


@lru_cache(maxsize=1024)
def mask_character(character: str) -> str:
    """Put x for a letter, for the marks that go with it, and for what cannot be seen, 9 for a digit."""
    kind = unicodedata.category(character)
    return "9" if kind[0] == "N" else "x" if kind[0] in "LMC" else character


def shown_text(node: Node, private: bool) -> str:
    """Give a node's text, masked where it is private and what is private is not to be shown."""
    text = node.text
    if not private or (text in FIXED and not isinstance(node.value, str)):
        return text
    if is_private(node):
        return mask(text)
    quotes = node.layout in ("block", "heading") and "(" in text
    return hide_comments(text, list_comments(node)) if quotes else text


def shown_name(node: Node, private: bool) -> str:
    """Give a node's name; of one that quotes a request, what that says in brackets is masked like text."""
    if not private or node.key != CAUSE or node.layout != "generated":
        return node.name
    return re.sub(r"\(.*\)", lambda found: mask(found[0]), node.name, flags=re.DOTALL)


def shown_note(code: str, text: str, private: bool) -> str:
    """Give a note's text, or in privacy, where such notes quote the capture, what that code means."""
    return QUOTING.get(code, text) if private else text


def hide_comments(text: str, comments: Iterable[str]) -> str:
    """Mask error comments in what is told of messages, where they end brackets or stand between commas in them.

    Where there are too many to look for each, all is masked from the first bracket on.
    """
    wanted = sorted(filter(None, dict.fromkeys(comments)), key=len, reverse=True)
    if len(wanted) > MOST_COMMENTS:
        start = text.find("(") + 1
        return text[:start] + mask(text[start:])
    for comment in wanted:
        text = re.sub(rf"(?<=[( ]){re.escape(comment)}(?=[),])", lambda found: mask(found[0]), text)
    return text


def list_comments(node: Node) -> Iterator[str]:
    """Give the error comments of the command sets that a PDU, a PDV or a message holds."""
    for child in node.children:
        if child.layout in ("block", "heading"):
            yield from list_comments(child)
        elif child.layout == "element" and read_tag(child.tag) == ERROR_COMMENT and child.span is not None:
            yield decode(Span(child.span.source, child.body, child.span.stop).read()).strip(" \0")


def mask_message(message: Message) -> None:
    """Mask in a message what its description quotes."""
    if ERROR_COMMENT in message.fields:
        comment = mask(message.text_at(ERROR_COMMENT))
        message.fields = {**message.fields, ERROR_COMMENT: comment.encode()}


def mask_tree(top: Node) -> None:
    """Mask in a tree what identifies patients, and what somebody remarked."""
    for _, node in top.walk():
        node.notes = [replace(found, told=shown_note(found.code, found.text, private=True)) for found in node.notes]
        if is_private(node):
            shown = shown_text(node, private=True)
            size = node.span.stop - max(node.body, node.span.start) if node.span is not None else 0
            node.value, node.text = None, f"({size} bytes, masked)" if shown == "(binary)" else shown


def list_private_ranges(top: Node, source: Source | None = None) -> list[Range]:
    """Give the private bytes of a tree as ascending ranges of a source.

    Parameters
    ----------
    top
        The node of a PDU or of a message, or one below it. A fragment of a data set that another PDU completes is
        private as a whole, for nothing of it is decoded here.
    source
        The run of bytes that is looked at: the stream, a message put together, inflated data. Without one it is that
        of the node itself, and the ranges are within the node.

    Returns
    -------
    list
        Half-open ranges that do not overlap, as offsets in the source.

    """
    span = top.span
    target = source or (span.source if span is not None else None)
    if target is None:
        return []
    found = find_ranges(top).find(target)
    return clip(found, span.start, span.stop) if source is None and span is not None else found


@lru_cache(maxsize=2)
def find_ranges(top: Node) -> "Ranges":
    """Find the private bytes of a tree, kept for the one that is shown, and one below it."""
    return Ranges(find_private_spans(top))


def find_private_spans(top: Node) -> Iterator[Span]:
    """Give the bytes of private values, tags and lengths not among them."""
    nodes = [node for _, node in top.walk()]
    read = {node.span.source for node in nodes if node.layout == "element" and node.span is not None}
    decoded = Ranges(Span(source, 0, source.size) for source in read)
    for node in nodes:
        span = node.span
        if span is None or node.children or not is_private(node):
            continue
        start = max(node.body, span.start)
        if node.key != FRAGMENT or clip(decoded.find(span.source), start, span.stop) != [(start, span.stop)]:
            yield Span(span.source, start, span.stop)


class Ranges:
    """Bytes, and where they stand in the sources that theirs was made of, and those of."""

    def __init__(self, spans: Iterable[Span]) -> None:
        """Take spans of any sources."""
        self._known: dict[Source, list[Range]] = {}
        level = gather(spans)
        while level:
            origins: list[Span] = []
            for source, ranges in level.items():
                self._known[source] = merge([*self._known.get(source, []), *ranges])
                for low, high in ranges:
                    origins += source.origins(low, high)
            level = gather(origins)

    def find(self, target: Source) -> list[Range]:
        """Give what of a source is private; all of it, where it cannot be told where in it private bytes are."""
        if not self._known:
            return []
        found = self._known.get(target)
        if found is None:
            found = self._known[target] = self._map(target)
        return found

    def _map(self, target: Source) -> list[Range]:
        """Find private bytes of a source that none of the nodes was read from."""
        if target.label == "data":
            return [(0, target.size)]
        found, at = list[Range](), 0
        for part in target.origins(0, target.size) if target.label == "message" else ():
            known = clip(self._known.get(part.source, []), part.start, part.stop)
            found += [(low - part.start + at, high - part.start + at) for low, high in known]
            at += len(part)
        return merge(found)


def gather(spans: Iterable[Span]) -> dict[Source, list[Range]]:
    """Give the ranges of spans by their sources."""
    found: dict[Source, list[Range]] = {}
    for span in spans:
        found.setdefault(span.source, []).append((span.start, span.stop))
    return {source: merge(ranges) for source, ranges in found.items()}


def merge(ranges: Iterable[Range]) -> list[Range]:
    """Put ranges in order, and those that touch or overlap together."""
    found: list[Range] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        elif low < high:
            found.append((low, high))
    return found
